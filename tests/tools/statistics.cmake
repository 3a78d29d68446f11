# SPDX-License-Identifier: MIT
#
# Tests of diffode_statistics, run as
#   cmake -DPROGRAM=.../diffode_statistics -DSCRATCH=... -P statistics.cmake
# Killed at random moments, stopped by Ctrl-C, cut into shards: the final files are those of an undisturbed run, to the bit.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

function(milliseconds out)
  string(TIMESTAMP now "%s%f")
  math(EXPR now "${now} / 1000")
  set(${out} ${now} PARENT_SCOPE)
endfunction()

function(as_seconds out ms)
  math(EXPR seconds "${ms} / 1000")
  math(EXPR rest "1000 + ${ms} % 1000")
  string(SUBSTRING "${rest}" 1 3 rest)
  set(${out} "${seconds}.${rest}" PARENT_SCOPE)
endfunction()

set(what measure --model mixture --steps 60 --samples 8000 --block 50 --save-every 0)
string(REPLACE "8000;--block;50" "4000000;--block;1000000" minutes "${what}")
milliseconds(start)
expect_from("an undisturbed run" 0 "wrote whole.safetensors: 61 lambdas from -5 to 4.5, 1 columns, 8000 samples"
  "${PROGRAM}" ${what} --state whole.sums --out whole.safetensors)
milliseconds(end)
math(EXPR span "(${end} - ${start}) / 4 + 30")

# killed(STATE OUT ARGUMENT...): starts over and over, killed each time after a random share of a quarter of a whole run, until
# one run comes to its end. CMake kills what runs out of time with SIGKILL, which no program notices. Where the machine has
# become faster since the whole run, so that fewer than three were killed, all begins anew with half the time.
function(killed state out)
  foreach(attempt RANGE 1 6)
    file(REMOVE "${SCRATCH}/${state}" "${SCRATCH}/${out}")
    set(kills 0)
    foreach(trial RANGE 1 400)
      string(RANDOM LENGTH 4 ALPHABET 0123456789 drawn)
      math(EXPR ms "20 + 1${drawn} % ${span}")
      as_seconds(seconds ${ms})
      execute_process(COMMAND "${PROGRAM}" ${ARGN} --state ${state} --out ${out} WORKING_DIRECTORY "${SCRATCH}"
        TIMEOUT ${seconds} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
      if(result STREQUAL "0")
        break()
      elseif(NOT result MATCHES "timeout")
        message(FATAL_ERROR "a restarted run: exit status is ${result}\n${text}")
      endif()
      math(EXPR kills "${kills} + 1")
    endforeach()
    if(result STREQUAL "0" AND kills GREATER_EQUAL 3)
      message(STATUS "killed ${kills} times")
      return()
    endif()
    math(EXPR span "${span} / 2 + 1")
  endforeach()
  message(SEND_ERROR "killed ${kills} times, and then: ${result}")
endfunction()

killed(killed.sums killed.safetensors ${what})
expect_same("statistics of a run that was killed" whole.safetensors killed.safetensors)
expect_same("sums of a run that was killed" whole.sums killed.sums)

# Shards, the last one first, one of them killed too.
expect_from("shard 2" 0 "wrote 2.sums: 54 of 160 blocks" "${PROGRAM}" ${what} --state 2.sums --shard 2/3)
expect_from("shard 0" 0 "nothing written to early.safetensors yet" "${PROGRAM}" ${what} --state 0.sums --shard 0/3 --out early.safetensors)
expect_from("an incomplete merge" 2 "blocks are 107 of 160, needs all" "${PROGRAM}" merge 2.sums 0.sums --state two.sums --out two.safetensors)
expect_from("shard 1" 0 "wrote 1.sums: 53 of 160 blocks" "${PROGRAM}" ${what} --state 1.sums --shard 1/3)
expect_from("a merge" 0 "wrote merged: 61 lambdas" "${PROGRAM}" merge 2.sums 0.sums 1.sums --state merged.sums --out merged)
expect_same("sums of shards" whole.sums merged.sums)
expect_from("a shard twice" 2 "block 106 is there already" "${PROGRAM}" merge 2.sums 2.sums --state twice.sums)
expect_from("the folder form" 0 "wrote again: 61 lambdas" "${PROGRAM}" write --state whole.sums --out again)
foreach(file IN ITEMS l.npz sb.npz)
  expect_same("the folder form" merged/${file} again/${file})
endforeach()
foreach(path IN ITEMS whole.safetensors merged)
  expect_from("what is in ${path}" 0 "lambda +l +s +b +means over 1 columns\n +-5.00000 +0.99.*\n +4.50000 +0.00" "${PROGRAM}" show ${path})
endforeach()
expect_from("other guards" 0 "wrote unguarded.safetensors" "${PROGRAM}" write --state whole.sums --out unguarded.safetensors --smooth-l 0 --floor 0 --largest-s 100)

# Ctrl-C, as soon as there is a state with a block: stops at once, says what it saved, goes on later. There is a state from
# the start, so that who kills it before the first block has one too.
find_program(sh sh)
if(sh)
  file(WRITE "${SCRATCH}/interrupt.sh" [[
"$@" &
until grep -q '"0+' stopped.sums 2>/dev/null || ! kill -0 $!; do :; done
kill -INT $!
wait $!
]])
  file(WRITE "${SCRATCH}/kill.sh" [[
"$@" &
until [ -e early.sums ] || ! kill -0 $!; do :; done
kill -KILL $!
wait $!
]])
  expect_from("an early kill" 137 "^" "${sh}" kill.sh "${PROGRAM}" ${minutes} --state early.sums)
  expect_from("its state" 0 "wrote same.sums: 0 of 4 blocks" "${PROGRAM}" merge early.sums --state same.sums)
  expect_from("Ctrl-C" 130 "wrote stopped.sums: [1-9][0-9]* of 160 blocks\nstopped; the same command goes on from there"
    "${sh}" interrupt.sh "${PROGRAM}" ${what} --state stopped.sums --out stopped/folder)
  if(EXISTS "${SCRATCH}/stopped")
    message(SEND_ERROR "a stopped run leaves an empty folder for --out")
  endif()
  expect_from("going on" 0 "goes on from stopped.sums: [1-9][0-9]* of 160 blocks are there\n"
    "${PROGRAM}" ${what} --state stopped.sums --out stopped.safetensors)
  expect_same("statistics of a run that was stopped" whole.safetensors stopped.safetensors)
endif()

# What can not be written is seen before the work, which would take minutes here, and leaves nothing behind.
expect_from("a state in no folder" 2 "no/such/folder/x.sums: cannot be written: " "${PROGRAM}" ${minutes} --state no/such/folder/x.sums)
foreach(out IN ITEMS no/such/folder/x.safetensors whole.safetensors/folder merged/l.npz)
  expect_from("statistics in ${out}" 2 "--out is '${out}', needs a path that can be written to: " "${PROGRAM}" ${minutes} --state x.sums --out ${out})
endforeach()
if(EXISTS "${SCRATCH}/x.sums")
  message(SEND_ERROR "a refused --out has left a state")
endif()

# The state and the statistics are apart, by whatever names; nothing is written over what is read.
file(CREATE_LINK z.safetensors "${SCRATCH}/link.safetensors" SYMBOLIC)
foreach(same IN ITEMS "z.safetensors ./z.safetensors" "z.safetensors link.safetensors" "same/l.npz same")
  separate_arguments(files UNIX_COMMAND "${same}")
  list(GET files 0 state)
  list(GET files 1 out)
  expect_from("one file for two: ${same}" 2 "--state and --out are the same file, '${state}', need different ones" "${PROGRAM}" ${minutes} --state ${state} --out ${out})
endforeach()
expect_from("statistics inside the state" 2 "--state is 'z.sums', and --out is 'z.sums/l.npz' inside it" "${PROGRAM}" ${minutes} --state z.sums --out z.sums)
expect_from("statistics over the sums" 2 "--state and --out are the same file" "${PROGRAM}" write --state whole.safetensors --out whole.safetensors)
expect_from("statistics over a shard" 2 "STATES and --out are the same file, 's.safetensors'" "${PROGRAM}" merge 0.sums s.safetensors --state z.sums --out s.safetensors)
expect_from("a state without a name" 2 "--state: is '', needs the name of a file" sh -c "\"$0\" measure --model mixture --state ''" "${PROGRAM}")
foreach(seconds IN ITEMS nan inf -1)
  expect_from("saves every ${seconds} seconds" 2 "--save-every: is '${seconds}', needs a number from 0 to 1e\\+09" "${PROGRAM}" ${minutes} --state z.sums --save-every ${seconds})
endforeach()
expect_from("a guard that makes no sense" 2 "largest_s is nan, needs" "${PROGRAM}" ${minutes} --state z.sums --largest-s nan)
foreach(left IN ITEMS z.sums z.safetensors same)
  if(EXISTS "${SCRATCH}/${left}")
    message(SEND_ERROR "a refused call leaves ${left}")
  endif()
endforeach()

# Links stay, what is no file is refused.
file(MAKE_DIRECTORY "${SCRATCH}/real")
file(CREATE_LINK real/sums "${SCRATCH}/linked.sums" SYMBOLIC)
file(CREATE_LINK real/out "${SCRATCH}/linked.safetensors" SYMBOLIC)
file(WRITE "${SCRATCH}/real/sums.part" "somebody's")
file(WRITE "${SCRATCH}/real/sums.diffode-3.part" "left by a kill")
expect_from("links" 0 "wrote linked.safetensors" "${PROGRAM}" ${what} --state linked.sums --out linked.safetensors)
expect_same("links to sums" whole.sums real/sums)
expect_same("links to statistics" whole.safetensors real/out)
if(NOT IS_SYMLINK "${SCRATCH}/linked.sums" OR NOT IS_SYMLINK "${SCRATCH}/linked.safetensors")
  message(SEND_ERROR "links have become files")
endif()
file(GLOB left RELATIVE "${SCRATCH}/real" "${SCRATCH}/real/*")
if(NOT left STREQUAL "out;sums;sums.part")
  message(SEND_ERROR "beside links there is ${left}")
endif()
execute_process(COMMAND mkfifo "${SCRATCH}/pipe" "${SCRATCH}/pipe.safetensors")
expect_from("a state that is a pipe" 2 "--state is 'pipe', needs a file that can be written: pipe: is a device, pipe or socket" "${PROGRAM}" ${minutes} --state pipe)
expect_from("statistics in a pipe" 2 "--out is 'pipe.safetensors', needs a path that can be written to: pipe.safetensors: is a device" "${PROGRAM}" ${minutes} --state x.sums --out pipe.safetensors)

# One run at a time on a state.
file(WRITE "${SCRATCH}/two.sh" [[
"$@" >first.text 2>&1 &
until [ -e pair.sums ] || ! kill -0 $!; do :; done
"$@"
status=$?
kill -KILL $!
wait $!
exit $status
]])
expect_from("two runs on one state" 2 "--state is 'pair.sums', which another run is working on" sh two.sh "${PROGRAM}" ${minutes} --state pair.sums)
expect_from("after a kill" 0 "wrote pair.sums: 0 of 4 blocks" "${PROGRAM}" merge pair.sums --state pair.sums)
file(GLOB left "${SCRATCH}/pair.sums*" "${SCRATCH}/killed.sums*")
if(NOT left STREQUAL "${SCRATCH}/killed.sums;${SCRATCH}/pair.sums")
  message(SEND_ERROR "these are there after the end: ${left}")
endif()

# Nothing is mixed up or overwritten by mistake.
expect_from("a state of other options" 2 "options of the sums to merge differ" "${PROGRAM}" ${what} --seed 1 --state whole.sums)
file(WRITE "${SCRATCH}/broken.sums" "something else")
expect_from("a state that is none" 2 "broken.sums: header: is" "${PROGRAM}" ${what} --state broken.sums)
expect_from("a shard that is none" 2 "needs i/n" "${PROGRAM}" ${what} --state x.sums --shard 3/3)
expect_from("a share of less than none" 2 "needs i/n" "${PROGRAM}" ${what} --state x.sums --shard 0/-1)
expect_from("an unknown model" 2 "--model" "${PROGRAM}" measure --model cat --state x.sums)
expect_from("no command" 2 "subcommand" "${PROGRAM}")
expect_from("help" 0 "--save-every" "${PROGRAM}" measure --help)

# Numbers that are none, before the work and its state.
foreach(option IN ITEMS --floor=nan --floor=-1 --floor=inf --largest-s=nan --largest-s=0 --from=nan --to=inf --save-every=nan --save-every=-1 --steps=1 --samples=0 --seed=-1 --block=0)
  expect_from("a refused ${option}" 2 "(floor|largest_s|from|to) is |--(save-every|steps|samples|seed|block): " "${PROGRAM}" ${minutes} ${option} --state refused.sums)
endforeach()
if(EXISTS "${SCRATCH}/refused.sums")
  message(SEND_ERROR "a refused number has left a state")
endif()

# How far it is, also where nobody looks: in a pipe.
expect_from("progress" 0 "\\[#+\\] 100\\.0%  block 160 of 160" "${PROGRAM}" ${what} --state seen.sums)

# The statistics that are in the repository.
set(committed "${CMAKE_CURRENT_LIST_DIR}/../../examples/digits/data/eps_statistics.safetensors")
expect_from("the statistics of digits-eps" 0 "means over 64 columns\n +-4.92547 +0.998.*\n +3.10806 +0.52" "${PROGRAM}" show "${committed}")

# The trained networks: a few samples, that they run and have their own lambdas.
foreach(name IN ITEMS digits-eps digits-flow)
  expect_from("${name}" 0 "wrote ${name}.safetensors: 5 lambdas from -[56]\\.[0-9]+ to [46]\\.[0-9]+, 64 columns, 4 samples"
    "${PROGRAM}" measure --model ${name} --steps 4 --samples 4 --state ${name}.sums --out ${name}.safetensors)
endforeach()

# Other weights or other data under the same names: not what the state is of.
set(data "${CMAKE_CURRENT_LIST_DIR}/../../examples/digits/data")
file(COPY "${data}/flow.safetensors" "${data}/held_out.safetensors" DESTINATION "${SCRATCH}/weights")
file(COPY_FILE "${SCRATCH}/weights/flow.safetensors" "${SCRATCH}/weights/eps.safetensors")
set(digits measure --model digits-eps --steps 4 --samples 4 --block 2)
expect_from("shard 0 of digits" 0 "wrote digits.0.sums" "${PROGRAM}" ${digits} --shard 0/2 --state digits.0.sums)
expect_from("a state of other weights" 2 "--state is 'digits.0.sums', measured on 'digits-eps: eps.safetensors [0-9a-f]+, held_out.safetensors [0-9a-f]+', needs one of 'digits-eps: eps.safetensors "
  "${PROGRAM}" ${digits} --data weights --state digits.0.sums --out mixed.safetensors)
expect_from("shard 1 of other weights" 0 "wrote weights.1.sums" "${PROGRAM}" ${digits} --data weights --shard 1/2 --state weights.1.sums)
expect_from("a merge of two networks" 2 "model of the sums to merge is 'digits-eps: eps.safetensors " "${PROGRAM}" merge digits.0.sums weights.1.sums --state mixed.sums --out mixed.safetensors)
if(sh)
  file(COPY "${data}/eps.safetensors" "${data}/held_out.safetensors" DESTINATION "${SCRATCH}/images")
  file(SIZE "${SCRATCH}/images/held_out.safetensors" size)
  math(EXPR pixel "${size} - 20000")
  expect_from("another image" 0 "" "${sh}" -c "printf '\\001' | dd of=images/held_out.safetensors bs=1 seek=${pixel} conv=notrunc")
  expect_from("a state of other images" 2 "--state is 'digits.0.sums', measured on" "${PROGRAM}" ${digits} --data images --state digits.0.sums --out mixed.safetensors)
endif()
foreach(mixed IN ITEMS mixed.safetensors mixed.sums)
  if(EXISTS "${SCRATCH}/${mixed}")
    message(SEND_ERROR "${mixed}: two networks have been mixed")
  endif()
endforeach()
