# SPDX-License-Identifier: MIT
#
# Tests of diffode_search, run as
#   cmake -DPROGRAM=.../diffode_search -DSCRATCH=... -P search.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
set(mixture --mixture 0.3,-1,0.2,0.7,0.5,0.3 --tries 120)

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

expect("a whole search" 0 "whole.json: the best of 120 schedules.*120 of 120 tried" ${mixture} --out whole.json)
expect("the same search again" 0 "whole.json.log.jsonl has 120 tries; they are not made again" ${mixture} --out whole.json)
expect("one thread" 0 "the best of 120" ${mixture} --out single.json --threads 1)
expect_same("threads change nothing" whole.json single.json)
file(READ "${SCRATCH}/whole.json.svg" drawn)
if(NOT drawn MATCHES "^<svg.*best so far.*</svg>")
  message(SEND_ERROR "the plot is no SVG")
endif()

# A command that takes a while, so that there is time to kill: the score is the number of letters of the schedule.
file(WRITE "${SCRATCH}/score" "#!/bin/sh\nsleep 0.02\nwc -c < \"$1\"\n")
# after SIGNAL LINES LOG COMMAND...: sends the signal when the log has so many lines.
file(WRITE "${SCRATCH}/after" "#!/bin/sh
signal=$1 lines=$2 log=$3
shift 3
\"$@\" &
while kill -0 $! && [ \"$(cat \"$log\" | wc -l)\" -lt \"$lines\" ]; do sleep 0.01; done 2>/dev/null
kill -s \"$signal\" $!
wait $!
")
file(CHMOD "${SCRATCH}/score" "${SCRATCH}/after" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
set(command --command "${SCRATCH}/score" --tries 200 --population 20 --seed 9 --threads 2)
expect("a command" 0 "the best of 200" ${command} --out undisturbed.json)
foreach(lines IN ITEMS 3 17 18 31)
  expect_from("killed after ${lines} lines" 137 "^" "${SCRATCH}/after" KILL ${lines} killed.json.log.jsonl "${PROGRAM}" ${command} --out killed.json)
endforeach()
expect_from("Ctrl-C" 130 "stopped; the same command goes on" "${SCRATCH}/after" INT 45 killed.json.log.jsonl "${PROGRAM}" ${command} --out killed.json)
expect("after these" 0 "the best of 200.*has [1-9][0-9]* tries; they are not made again" ${command} --out killed.json)
expect_same("killed and stopped, it ends with the same schedule" undisturbed.json killed.json)

expect("another seed on an old log" 2 "was made with other settings" ${mixture} --seed 5 --out whole.json)
expect("no objective" 2 "needs --command or --mixture" --tries 5)
expect("a broken mixture" 2 "three numbers for each normal" --mixture 1,0 --tries 5)
expect("a command that fails" 2 "the command failed with status 1:" --command false --out failed.json)
expect("a command that prints no number" 2 "needs a number in its last line" --command echo --out words.json)
string(ASCII 233 latin1)
expect("a command that is no UTF-8" 2 "--command is \"caf.ufffd\", needs UTF-8, for the log" --command "caf${latin1}" --out latin1.json)
if(EXISTS "${SCRATCH}/latin1.json.log.jsonl")
  message(SEND_ERROR "a refused --command has left a log")
endif()
# Without --from and --to, runs go between ends that the path has.
foreach(path IN ITEMS vp_linear vp_cosine ve edm flow)
  expect("${path} between its own ends" 0 "${path}.json: the best of 20 schedules, score [0-9]" --path ${path} --mixture 0.3,-1,0.2,0.7,0.5,0.3 --tries 20 --population 10 --out ${path}.json)
endforeach()
expect("an end of another path" 2 "schedule_space: to is 0.001, needs a time of ve, from 0.02 to 100" --path ve --to 0.001 ${mixture} --out outside.json)
expect("a path that nobody knows" 2 "--path" --path spiral)
expect("a time without lambda" 2 "schedule_space: time 0 has lambda inf" ${mixture} --to 0 --out end.json)
expect("scores that are no numbers" 2 "has a finite score" --command "echo nan #" --tries 5 --population 3 --out nan.json)
expect("more threads than a machine has" 2 "--threads" ${mixture} --threads 100000 --out many.json)
expect("fewer tries than none" 2 "--tries" ${mixture} --tries -3 --out none.json)
expect("an --out in no folder" 2 "--out is 'no/out.json', needs a file that can be written" ${mixture} --out no/out.json --log early.jsonl)
expect("a --plot in no folder" 2 "--plot is 'no/plot.svg', needs a file that can be written" ${mixture} --out early.json --plot no/plot.svg)
foreach(left IN ITEMS early.jsonl early.json early.json.new early.json.log.jsonl)
  if(EXISTS "${SCRATCH}/${left}")
    message(SEND_ERROR "a refused call leaves ${left}")
  endif()
endforeach()
expect("help" 0 "--generations" --help)
