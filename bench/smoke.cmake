# SPDX-License-Identifier: MIT
#
# Each benchmark program for a moment, so that it can not rot. bench_combine and bench_sampler fail where diffode, the
# hand-written loops and the textbook's operators do not come to the same results.

# diffode_bench_smoke(NAME PROGRAM ARGUMENT...): a test, if there is such a program.
function(diffode_bench_smoke name program)
  if(TARGET bench_${program})
    add_test(NAME bench_${name} COMMAND bench_${program} ${ARGN})
    set_tests_properties(bench_${name} PROPERTIES LABELS bench-smoke TIMEOUT 300)
  endif()
endfunction()

set(moment --sizes 67,1003 --elements float,bfloat16,bfloat16_default,double --threads 1,2 --seconds 0 --rounds 1)
foreach(program IN ITEMS combine sampler)
  diffode_bench_smoke(${program} ${program} ${moment} --json smoke_${program}.json)
  if(TARGET bench_${program})
    set_tests_properties(bench_${program} PROPERTIES FIXTURES_SETUP bench_${program})
  endif()
  # Another build beside it, which is this one again: results are compared before anything is timed.
  if(TARGET bench_${program} AND TARGET bench_other_build)
    diffode_bench_smoke(${program}_against ${program} ${moment} --methods dpmpp_3m,sde_2m --against $<TARGET_FILE:bench_other_build>)
    diffode_bench_smoke(${program}_against_none ${program} --against nowhere.so)
    set_tests_properties(bench_${program}_against_none PROPERTIES PASS_REGULAR_EXPRESSION "--against is 'nowhere.so', needs a library made by bench_other_build")
  endif()
  # What is wrong with an argument is said before anything is measured.
  diffode_bench_smoke(${program}_refuses ${program} --methods nonsense)
  diffode_bench_smoke(${program}_refuses_size ${program} --sizes 12Q)
  if(TARGET bench_${program})
    set_tests_properties(bench_${program}_refuses PROPERTIES PASS_REGULAR_EXPRESSION "method is 'nonsense', needs one of ddim")
    set_tests_properties(bench_${program}_refuses_size PROPERTIES PASS_REGULAR_EXPRESSION "size is '12Q', needs a number above 0")
  endif()
endforeach()

diffode_bench_smoke(work_precision work_precision --models closed --evaluations 5,10 --json smoke_precision.json)
diffode_bench_smoke(work_precision_digits work_precision --models eps,flow --images 20 --fine 4 --evaluations 2,3 --methods ddim,ddpm)
# Plans that were tuned to the mixtures beat every fixed method on noise that no search has seen. Of many samples: where the flow
# parts, a few that go the other way count for more than all the others.
diffode_bench_smoke(few_steps few_steps --models mixture,ring,cloud --evaluations 3,4,5,6,8,10 --samples 1000 --fine 100 --measured 64 --check)
# Those tuned to the digits network: half of the best fixed method's error, and less at the ends of the range. Of the fixed
# methods those that come nearest to the fine solution of it, see docs/few_steps.md. All rows for a moment.
set(nearest --methods "DPM-Solver++ 2M" UniPC-3 DEIS-3 DPM-Solver-v3 "DPM-Solver-v3, pseudo order" tuned)
set(held_out --models digits-eps --samples 40 --fine 60 --seed 40000)
diffode_bench_smoke(few_steps_half few_steps ${held_out} --evaluations 4,5,6,8 --check --at-most 0.5 ${nearest})
diffode_bench_smoke(few_steps_ends few_steps ${held_out} --evaluations 3,10 --check ${nearest})
diffode_bench_smoke(few_steps_digits few_steps --models digits-eps --evaluations 4 --samples 10 --fine 8)
if(TARGET bench_work_precision AND TARGET bench_combine AND TARGET bench_sampler)
  set_tests_properties(bench_work_precision PROPERTIES FIXTURES_SETUP bench_precision)
  diffode_bench_smoke(report report --native smoke_combine.json smoke_sampler.json --portable smoke_sampler.json
                      --precision smoke_precision.json --out smoke_report)
  diffode_bench_smoke(report_markdown report --from smoke_report/results.json --markdown)
  if(TARGET bench_report)
    set_tests_properties(bench_report PROPERTIES FIXTURES_REQUIRED "bench_combine;bench_sampler;bench_precision" FIXTURES_SETUP bench_report)
    set_tests_properties(bench_report_markdown PROPERTIES FIXTURES_REQUIRED bench_report
                         PASS_REGULAR_EXPRESSION "\\| unipc_3 \\| [0-9.]+ \\| [0-9.]+ \\|")
  endif()
endif()

if(UNIX)
  add_test(NAME bench_script_help COMMAND "${PROJECT_SOURCE_DIR}/scripts/bench" --help)
  add_test(NAME bench_script_refuses COMMAND "${PROJECT_SOURCE_DIR}/scripts/bench" --fast)
  set_tests_properties(bench_script_help PROPERTIES PASS_REGULAR_EXPRESSION "usage: scripts/bench" LABELS bench-smoke)
  set_tests_properties(bench_script_refuses PROPERTIES PASS_REGULAR_EXPRESSION "unknown argument '--fast'" LABELS bench-smoke)

  # diffode_bench_script_refuses(NAME MESSAGE ARGUMENT...): with status 2, before anything is installed or built.
  function(diffode_bench_script_refuses name message)
    add_test(NAME bench_script_refuses_${name} COMMAND sh -c "\"$0\" \"$@\"; echo status $?" "${PROJECT_SOURCE_DIR}/scripts/bench" ${ARGN})
    set_tests_properties(bench_script_refuses_${name} PROPERTIES LABELS bench-smoke TIMEOUT 30
                         PASS_REGULAR_EXPRESSION "^scripts/bench: ${message}[^\n]*\nstatus 2\n")
  endfunction()
  diffode_bench_script_refuses(size "--sizes has '3X', needs whole numbers from 1 to 4294967296, with K or M" --sizes 16K,3X)
  diffode_bench_script_refuses(size_of_0 "--sizes has '0', needs whole numbers from 1" --sizes 0)
  diffode_bench_script_refuses(factor_of_0 "--sizes has '4x0x4', needs whole numbers from 1" --sizes 4x0x4)
  diffode_bench_script_refuses(size_beyond "--sizes has '65536x65537', needs whole numbers from 1" --sizes 65536x65537)
  diffode_bench_script_refuses(no_size "--sizes has '', needs whole numbers from 1" --sizes 16K,)
  diffode_bench_script_refuses(elements "--elements has 'x', needs some of float,bfloat16,bfloat16_default,double" --elements x)
  diffode_bench_script_refuses(no_threads "--threads has '0', needs whole numbers from 1 to 64" --threads 0)
  diffode_bench_script_refuses(threads "--threads has '65', needs whole numbers from 1 to 64" --threads 2,65)
  # All methods of bench/cases.hpp: the script reads their names there.
  diffode_bench_script_refuses(method "--methods has 'nope', needs some of ddim,dpmpp_2m,dpmpp_3m,unipc_2,unipc_3,deis_3,heun,sde_2m,"
                               --methods ddim,nope)
endif()
