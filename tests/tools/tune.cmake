# SPDX-License-Identifier: MIT
#
# Tests of diffode_tune, run as
#   cmake -DPROGRAM=.../diffode_tune -DSCRATCH=... -P tune.cmake
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
set(mixture --model mixture --steps 5 --test 50 --fit 400 --search 200)

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

function(milliseconds out)
  string(TIMESTAMP now "%s%f")
  math(EXPR now "${now} / 1000")
  set(${out} ${now} PARENT_SCOPE)
endfunction()

milliseconds(start)
expect("a whole run" 0 "tuned .* 0\\.[0-2][0-9] of the best fixed.*wrote whole/mixture-5.json" ${mixture} --out whole --quiet)
milliseconds(end)

# Killed after a fifth of that time, two fifths, ..., until one run comes to its end before it is killed. CMake kills with
# SIGKILL, which no program notices.
set(kills 0)
foreach(trial RANGE 1 40)
  math(EXPR span "(${end} - ${start}) * ${trial} / 5")
  math(EXPR seconds "${span} / 1000")
  math(EXPR rest "1000 + ${span} % 1000")
  string(SUBSTRING "${rest}" 1 3 rest)
  set(seconds "${seconds}.${rest}")
  execute_process(COMMAND "${PROGRAM}" ${mixture} --out killed --quiet TIMEOUT "${seconds}" WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  if(NOT result MATCHES "timeout")
    break()
  endif()
  math(EXPR kills "${kills} + 1")
  if(EXISTS "${SCRATCH}/killed/mixture-5.json.state" AND NOT tried)
    set(tried TRUE)
    expect("other choices on a state" 1 "was made with other" ${mixture} --seed 2 --out killed --quiet)
  endif()
endforeach()
if(kills EQUAL 0)
  message(SEND_ERROR "no run was killed before its end")
endif()
message(STATUS "killed ${kills} times")
expect("after all" 0 "wrote killed/mixture-5.json|killed/mixture-5.json is there already" ${mixture} --out killed --quiet)
file(SHA256 "${SCRATCH}/whole/mixture-5.json" a)
file(SHA256 "${SCRATCH}/killed/mixture-5.json" b)
if(NOT a STREQUAL b)
  message(SEND_ERROR "killed and restarted, it ends with another plan")
endif()
file(GLOB left "${SCRATCH}/killed/*state" "${SCRATCH}/killed/*.part" "${SCRATCH}/killed/*-lock")
if(left)
  message(SEND_ERROR "these are still there after the end: ${left}")
endif()

# Killed and stopped where each stage is known to be: in the search over times, and in the descents.
file(WRITE "${SCRATCH}/when" "#!/bin/sh
signal=$1 pattern=$2 file=$3
shift 3
\"$@\" &
while kill -0 $! && ! grep -q \"$pattern\" \"$file\"; do sleep 0.005; done 2>/dev/null
kill -s \"$signal\" $!
wait $!
")
file(CHMOD "${SCRATCH}/when" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
set(long --model mixture --steps 10 --test 50 --fit 1500 --sweeps 6 --quiet)
expect("a long run" 0 "wrote long/mixture-10.json" ${long} --out long)
set(state parts/mixture-10.json.state)
expect_from("killed while grids are fitted" 137 "^" "${SCRATCH}/when" KILL "fitted" ${state} "${PROGRAM}" ${long} --out parts)
expect_from("killed in a sweep" 137 "^" "${SCRATCH}/when" KILL "next.: [3-7]" ${state} "${PROGRAM}" ${long} --out parts)
expect_from("Ctrl-C in a sweep" 130 "stopped; what is done lies in parts, the same command goes on" "${SCRATCH}/when" INT "sweep.: 1" ${state} "${PROGRAM}" ${long} --out parts)
expect_from("killed in the descent" 137 "^" "${SCRATCH}/when" KILL "iteration.: 2" ${state} "${PROGRAM}" ${long} --out parts)
expect_from("Ctrl-C in the descent" 130 "stopped; what is done" "${SCRATCH}/when" INT "iteration.: 4" ${state} "${PROGRAM}" ${long} --out parts)
expect_from("killed in the second descent" 137 "^" "${SCRATCH}/when" KILL "iteration.: 2" parts/mixture-10.json.first.state "${PROGRAM}" ${long} --out parts)
expect("after all these" 0 "wrote parts/mixture-10.json" ${long} --out parts)
expect_same("killed and stopped in its stages, it ends with the same plan" long/mixture-10.json parts/mixture-10.json)

# A state that no run has written, with the choices of one that is on its way.
expect_from("a state to spoil" 137 "^" "${SCRATCH}/when" KILL "sweep.: 1" spoilt/mixture-10.json.state "${PROGRAM}" ${long} --out spoilt)
file(READ "${SCRATCH}/spoilt/mixture-10.json.state" state)
foreach(spoilt IN ITEMS "step=9=step of the state is 9" "sweep=-4=sweep of the state is -4" "next=true=is damaged, remove it" "lambda=[1, 2]=state has 2 levels")
  string(REGEX MATCH "^([a-z]+)=(.*)=(.*)$" _ "${spoilt}")
  set(message "${CMAKE_MATCH_3}")
  string(JSON changed SET "${state}" state times "${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}")
  file(WRITE "${SCRATCH}/spoilt/mixture-10.json.state" "${changed}")
  expect("a spoilt ${CMAKE_MATCH_1}" 1 "${message}" ${long} --out spoilt)
endforeach()

expect("more to begin with" 0 "compensated .*of the best fixed.*wrote more/mixture-5.json" --model mixture --steps 5 --test 50 --fit 200 --ays --compensate --sweeps 2 --iterations 2 --out more --quiet)
expect("too few samples" 0 "nothing tuned is better than .*wrote few/mixture-24.json" --model mixture --steps 24 --fit 2 --validate 60 --test 50 --fine 100 --sweeps 1 --iterations 1 --out few --quiet)
expect_from("progress in a file" 0 "rows, all numbers: iteration" sh -c "\"$0\" --model mixture --steps 3 --test 20 --fit 3000 --out log 2>&1 | cat" "${PROGRAM}")

expect("a plan that is there already" 0 "is there already, made by the same choices" ${mixture} --out whole --quiet)
file(SHA256 "${SCRATCH}/whole/mixture-5.json" again)
if(NOT a STREQUAL again)
  message(SEND_ERROR "the same command changed a plan that was there")
endif()

# A link stays, and leads to the plan; what is no file is refused before the work; one run at a time on a plan.
file(MAKE_DIRECTORY "${SCRATCH}/links/real" "${SCRATCH}/pipes")
file(CREATE_LINK real/plan "${SCRATCH}/links/mixture-3.json" SYMBOLIC)
file(WRITE "${SCRATCH}/links/real/plan.part" "somebody's")
set(small --model mixture --steps 3 --test 20 --fit 20 --validate 20 --sweeps 1 --iterations 1 --quiet)
expect("a plan that is a link" 0 "wrote links/mixture-3.json" ${small} --out links)
file(READ "${SCRATCH}/links/real/plan.part" text)
if(NOT IS_SYMLINK "${SCRATCH}/links/mixture-3.json" OR NOT EXISTS "${SCRATCH}/links/real/plan" OR NOT text STREQUAL "somebody's")
  message(SEND_ERROR "a link is no link any more, or leads nowhere, or what was beside it is gone")
endif()
execute_process(COMMAND mkfifo "${SCRATCH}/pipes/mixture-5.json.choices")
expect("a file that is a pipe" 2 "a file of --out is 'pipes/mixture-5.json.choices', needs a file that can be written: .*: is a device, pipe or socket" ${mixture} --out pipes --quiet)
file(WRITE "${SCRATCH}/two" "#!/bin/sh
\"$@\" >first.text 2>&1 &
while kill -0 $! && ! [ -e pair/mixture-10.json.state ]; do sleep 0.005; done
\"$@\"
status=$?
kill -KILL $!
wait $!
exit $status
")
file(CHMOD "${SCRATCH}/two" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
expect_from("two runs on one plan" 2 "a plan of --out is 'pair/mixture-10.json', which another run is working on" "${SCRATCH}/two" "${PROGRAM}" ${long} --out pair)
expect_from("a folder without a name" 2 "--out: is '', needs the name of a file or folder" sh -c "\"$0\" --model mixture --out ''" "${PROGRAM}")

# Fine solutions: how far they are, stopped in one, found again, and not trusted.
set(fine --model mixture --steps 1 --fit 3000 --validate 6000 --test 50 --fine 100 --sweeps 1 --iterations 1)
expect("an undisturbed one" 0 "wrote solved/mixture-1.json.*fine solution 1 of 3, 3000 samples: evaluation 100 of 100\n.*fine solution 3 of 3" ${fine} --out solved)
file(WRITE "${SCRATCH}/said" "#!/bin/sh
file=$1
shift
exec \"$@\" 2> \"$file\"
")
file(CHMOD "${SCRATCH}/said" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
expect_from("Ctrl-C in the first fine solution" 130 "^$" "${SCRATCH}/when" INT "evaluation 1 of" first.txt "${SCRATCH}/said" first.txt "${PROGRAM}" ${fine} --out courses)
expect_from("what it says" 0 "stopped in fine solution 1 of 3, before there was anything to keep" cat first.txt)
expect_from("Ctrl-C in the second" 130 "^$" "${SCRATCH}/when" INT "evaluation 100 of 100" second.txt "${SCRATCH}/said" second.txt "${PROGRAM}" ${fine} --out courses)
expect_from("what it says" 0 "stopped in fine solution 2 of 3; those before it lie in courses, the same command goes on from there" cat second.txt)
expect_from("going on" 0 "wrote courses/mixture-1.json" "${SCRATCH}/said" third.txt "${PROGRAM}" ${fine} --out courses)
file(READ "${SCRATCH}/third.txt" third)
if(third MATCHES "fine solution 1" OR NOT third MATCHES "fine solution 2")
  message(SEND_ERROR "after a stop in fine solution 2 it makes others than 2 and 3:\n${third}")
endif()
expect_same("stopped in a fine solution, it ends with the same plan" solved/mixture-1.json courses/mixture-1.json)
file(GLOB solutions "${SCRATCH}/courses/*.fine-*")
list(LENGTH solutions count)
if(NOT count EQUAL 3)
  message(SEND_ERROR "fine solutions that are kept are ${count}, needs 3: ${solutions}")
endif()
list(GET solutions 0 one)
foreach(damage IN ITEMS "printf x >> '${one}'" "printf x | dd of='${one}' bs=1 seek=5000 conv=notrunc" "printf x | dd of='${one}' bs=1 seek=5 conv=notrunc" ": > '${one}'")
  expect_from("a damage" 0 "" sh -c "${damage}")
  expect("after it" 0 "is there already.*\\.fine-[0-9a-f]+ is damaged, made anew: it" ${fine} --quiet --out courses)
  expect_same("made anew, it is the same" solved/mixture-1.json courses/mixture-1.json)
endforeach()
expect_from("nothing is made twice" 0 "is there already, made by the same choices" "${SCRATCH}/said" fourth.txt "${PROGRAM}" ${fine} --out courses)
expect_from("and nothing said" 0 "^$" cat fourth.txt)

# A finished plan that is damaged, or of other choices.
set(small --model mixture --steps 2 --fit 60 --validate 60 --test 50 --fine 50 --sweeps 1 --iterations 2 --quiet)
expect("a small plan" 0 "wrote small/mixture-2.json" ${small} --out small)
file(COPY_FILE "${SCRATCH}/small/mixture-2.json" "${SCRATCH}/small.json")
file(WRITE "${SCRATCH}/small/mixture-2.json" "{")
expect("a damaged plan" 0 "wrote small/mixture-2.json.*small/mixture-2.json is damaged, the plan is made anew: " ${small} --out small)
expect_same("made anew, it is the same" small.json small/mixture-2.json)
file(WRITE "${SCRATCH}/small/mixture-2.json.choices" "[")
expect("damaged choices" 0 "wrote small/mixture-2.json.*small/mixture-2.json.choices is damaged, the plan is made anew: " ${small} --out small)
expect("other choices" 0 "wrote small/mixture-2.json.*small/mixture-2.json was made by other choices, the plan is made anew: ridge is [^;]*, not 0.5; seed is 1, not 2\n" ${small} --ridge 0.5 --seed 2 --out small)

# Other weights or images under the same names: nothing made of the old ones is taken.
set(data "${CMAKE_CURRENT_LIST_DIR}/../../examples/digits/data")
file(COPY "${data}/flow.safetensors" "${data}/held_out.safetensors" DESTINATION "${SCRATCH}/weights")
file(COPY_FILE "${SCRATCH}/weights/flow.safetensors" "${SCRATCH}/weights/eps.safetensors")
set(digits --model digits-eps --steps 2 --fit 2 --validate 2 --test 2 --fine 4 --sweeps 1 --iterations 1 --search 2 --search-samples 2 --quiet --out digits)
expect("a plan of digits" 0 "wrote digits/digits-eps-2.json" ${digits})
file(COPY "${SCRATCH}/digits" DESTINATION "${SCRATCH}/kept")
expect("a plan of other weights" 0 "wrote digits/digits-eps-2.json.*searched.json.log.jsonl is of other files, made anew: files is \"eps.safetensors [0-9a-f]+, held_out.safetensors [0-9a-f]+\", not \"eps.*digits-eps-2.json was made by other choices, the plan is made anew: files is" ${digits} --data weights)
expect("and back" 0 "was made by other choices" ${digits})
expect_same("of the same weights it is the same again" kept/digits/digits-eps-2.json digits/digits-eps-2.json)

# Numbers that are none, before there is anything in the folder.
foreach(option IN ITEMS --ridge=nan --ridge=inf --ridge=-1 --steps=nan --steps=32 --search=-1 --search-samples=0 --fit=1 --validate=1 --test=inf --seed=-1 --fine=3 --sweeps=0 --iterations=nan)
  string(REGEX REPLACE "=.*" "" name "${option}")
  expect("a refused ${option}" 2 "${name}: |${name} " --model mixture ${option} --out refused)
endforeach()
expect("what it says of a ridge" 2 "--ridge: is 'nan', needs a number from 0 to 1e\\+06" --model mixture --ridge nan --out refused)
if(EXISTS "${SCRATCH}/refused")
  message(SEND_ERROR "a refused number has left a folder")
endif()

file(WRITE "${SCRATCH}/broken/mixture-5.json.state" "{\"settings\": 1")
expect("a damaged state" 1 "is damaged, remove it to begin anew" ${mixture} --out broken --quiet)
expect("a model that nobody knows" 2 "--model" --model spiral)
file(WRITE "${SCRATCH}/file" "")
expect("a file for a folder" 2 "--out is .file/x., needs a folder that can be written to" --model mixture --out file/x)
expect("no steps" 2 "--steps" --steps 0)
expect("help" 0 "--validate" --help)
