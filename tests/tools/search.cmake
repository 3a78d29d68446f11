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

# Estimates of derivatives, and statistics of a table. Files are scored by their length, and v3 is the shortest of the forms.
expect("estimates" 0 "the best of 120" ${mixture} --estimates --order 4 --out estimates.json)
expect("a log with estimates, without" 2 "was made with other settings" ${mixture} --order 4 --out estimates.json)
set(table --forms "data,v3" --statistics "${CMAKE_CURRENT_LIST_DIR}/../../examples/digits/data/eps_statistics.safetensors")
expect("statistics" 0 "the best of 40" ${table} --command "wc -c <" --tries 40 --population 20 --evaluations 4 --out v3.json)
file(READ "${SCRATCH}/v3.json" text)
if(NOT text MATCHES "\"v3\"")
  message(SEND_ERROR "the shortest schedule has no step of v3: ${text}")
endif()
expect("more evaluations than lambdas" 2 "the statistics have [0-9]+ lambdas from one end to the other, needs at least 1001" ${table} --command "wc -c <" --evaluations 1000 --out long.json)
expect("statistics of many columns" 2 "--statistics has 64 columns, needs 1 with --mixture" ${table} ${mixture} --out columns.json)
expect("v3 without statistics" 2 "--forms has v3, needs --statistics" --forms v3 ${mixture} --out none.json)
expect("statistics without v3" 2 "needs v3 among --forms" --statistics "${CMAKE_CURRENT_LIST_DIR}/../../examples/digits/data/eps_statistics.safetensors" ${mixture} --out unused.json)
expect("statistics that are none" 2 "whole.json" --forms v3 --statistics whole.json ${mixture} --out no.json)

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
expect_from("an --out without a name" 2 "--out: is '', needs the name of a file" sh -c "\"$0\" --mixture 1,0,1 --out ''" "${PROGRAM}")

# The files of one run are apart, whatever they are called by, and with the names that they have if none are given.
file(MAKE_DIRECTORY "${SCRATCH}/apart")
file(CREATE_LINK b.json "${SCRATCH}/apart/link.json" SYMBOLIC)
foreach(same IN ITEMS "--log=--out and --log=a.json|--out a.json --log ./a.json" "--plot=--out and --plot=a.json|--out a.json --plot ${SCRATCH}/apart/../apart/a.json"
    "the default log=--log and --plot=a.json.log.jsonl|--out a.json --plot a.json.log.jsonl" "a link=--out and --plot=b.json|--out b.json --plot link.json"
    "a lock=--plot and the lock of --log=a.json.log.jsonl.diffode-lock|--out a.json --plot a.json.log.jsonl.diffode-lock")
  string(REGEX MATCH "^(.*)=(.*)=(.*)[|](.*)$" _ "${same}")
  set(text "${CMAKE_MATCH_2} are the same file, '${CMAKE_MATCH_3}', need")
  separate_arguments(files UNIX_COMMAND "${CMAKE_MATCH_4}")
  expect_from("one file for two: ${CMAKE_MATCH_1}" 2 "${text}" "${CMAKE_COMMAND}" -E chdir apart "${PROGRAM}" ${mixture} ${files})
endforeach()
expect("a file inside another" 2 "--out is 'apart/a', and --plot is 'apart/a/b' inside it" ${mixture} --out apart/a --plot apart/a/b)
file(GLOB left RELATIVE "${SCRATCH}/apart" "${SCRATCH}/apart/*")
if(NOT left STREQUAL "link.json")
  message(SEND_ERROR "refused names leave ${left}")
endif()

# Links stay, and lead to what is written. What is no file is refused, and so is left as it was. So is what only looks temporary.
file(MAKE_DIRECTORY "${SCRATCH}/links/folder")
file(CREATE_LINK folder/real.json "${SCRATCH}/links/a.json" SYMBOLIC)
file(CREATE_LINK folder/real.svg "${SCRATCH}/links/a.svg" SYMBOLIC)
file(CREATE_LINK folder/real.log "${SCRATCH}/links/a.log" SYMBOLIC)
foreach(name IN ITEMS a.json.new folder/real.json.new folder/real.json.part folder/real.json.diffode-0.part)
  file(WRITE "${SCRATCH}/links/${name}" "somebody's")
endforeach()
set(linked ${mixture} --out links/a.json --plot links/a.svg --log links/a.log)
expect("links" 0 "links/a.json: the best of 120" ${linked})
expect("links to files that are there" 0 "links/a.log has 120 tries" ${linked})
expect_same("a link" whole.json links/folder/real.json)
foreach(name IN ITEMS json svg log)
  if(NOT IS_SYMLINK "${SCRATCH}/links/a.${name}" OR NOT EXISTS "${SCRATCH}/links/folder/real.${name}")
    message(SEND_ERROR "links/a.${name} is no link any more, or leads nowhere")
  endif()
endforeach()
foreach(name IN ITEMS a.json.new folder/real.json.new folder/real.json.part folder/real.json.diffode-0.part)
  file(READ "${SCRATCH}/links/${name}" text)
  if(NOT text STREQUAL "somebody's")
    message(SEND_ERROR "a search has written over links/${name}")
  endif()
endforeach()
execute_process(COMMAND mkfifo "${SCRATCH}/pipe")
foreach(option IN ITEMS out log plot)
  set(at --out refused.out --log refused.log --plot refused.plot)
  list(REMOVE_ITEM at --${option} refused.${option})
  foreach(to IN ITEMS "pipe=a device, pipe or socket" "links=a folder")
    string(REGEX MATCH "^(.*)=(.*)$" _ "${to}")
    expect("--${option} on ${CMAKE_MATCH_1}" 2 "--${option} is '${CMAKE_MATCH_1}', needs a file that can be written: ${CMAKE_MATCH_1}: is ${CMAKE_MATCH_2}" ${mixture} ${at} --${option} ${CMAKE_MATCH_1})
  endforeach()
endforeach()
file(GLOB left "${SCRATCH}/refused*")
if(left)
  message(SEND_ERROR "refused files leave ${left}")
endif()

# Scores with white space around them, and file names that a shell would not take as they are.
file(MAKE_DIRECTORY "${SCRATCH}/it's a folder")
foreach(printed IN ITEMS "0.5 " " 0.5\\r" "first\\n0.5\\t\\r\\n \\r\\n")
  string(MD5 name "${printed}")
  expect("a score printed as '${printed}'" 0 "score 0.5," --command "printf '${printed}\\n' #" --tries 5 --population 3 --out "it's a folder/${name}.json")
endforeach()
expect("a file name with a quote" 0 "the best of 5" --command "${SCRATCH}/score" --tries 5 --population 3 --out "it's a folder/a.json")
expect("a score and more" 2 "printed \"0.5 1\", needs a number" --command "echo 0.5 1 #" --tries 5 --population 3 --out more.json)
file(GLOB_RECURSE left LIST_DIRECTORIES TRUE "${SCRATCH}/*")
list(FILTER left INCLUDE REGEX "(\\.tries|-lock)$")
if(left)
  message(SEND_ERROR "these are still there after the end: ${left}")
endif()

# What a search that is stopped says: of all that it tried, in the first population and later.
set(slow --command "${SCRATCH}/score" --population 20 --seed 9 --threads 2)
expect_from("stopped in the first population" 130 "first.json: the best of ([6-9]|1[0-9]) schedules tried so far.*first.json.svg: best score.*first.json.log.jsonl: every try, ([6-9]|1[0-9]) of them\nstopped"
  "${SCRATCH}/after" INT 7 first.json.log.jsonl "${PROGRAM}" ${slow} --tries 200 --out first.json)
file(WRITE "${SCRATCH}/slow" "#!/bin/sh\nsleep 1\necho nan\n")
file(CHMOD "${SCRATCH}/slow" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
expect_from("stopped with nothing" 130 "nothing.json, nothing.json.svg: not written, none of [12] schedules has a finite score\n.*stopped; the same command goes on"
  "${SCRATCH}/after" INT 1 nothing.json.log.jsonl "${PROGRAM}" --command "${SCRATCH}/slow" --tries 200 --threads 2 --out nothing.json)
if(EXISTS "${SCRATCH}/nothing.json")
  message(SEND_ERROR "a search that found nothing has written a schedule")
endif()

# One run at a time on a log. A killed one leaves neither a lock that holds, nor files for long.
file(WRITE "${SCRATCH}/two" "#!/bin/sh
log=$1
shift
\"$@\" >first.text 2>&1 &
while kill -0 $! && [ \"$(cat \"$log\" | wc -l)\" -lt 2 ]; do sleep 0.01; done 2>/dev/null
\"$@\"
status=$?
kill -KILL $!
wait $!
exit $status
")
file(CHMOD "${SCRATCH}/two" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
expect_from("two runs on one log" 2 "--log is 'two.json.log.jsonl', which another run is working on" "${SCRATCH}/two" two.json.log.jsonl "${PROGRAM}" --command "${SCRATCH}/slow" --tries 5 --population 3 --out two.json)
file(WRITE "${SCRATCH}/two.json.log.jsonl.tries/try_77.json" "left by a kill")
file(WRITE "${SCRATCH}/score77" "#!/bin/sh\n[ ! -e two.json.log.jsonl.tries/try_77.json ] && echo 1\n")
file(CHMOD "${SCRATCH}/score77" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
file(REMOVE "${SCRATCH}/two.json.log.jsonl")
expect("after the kill" 0 "the best of 5" --command "${SCRATCH}/score77" --tries 5 --population 3 --out two.json)
file(GLOB left "${SCRATCH}/two.json*.tries" "${SCRATCH}/two.json*-lock")
if(left)
  message(SEND_ERROR "these are still there after the end: ${left}")
endif()
