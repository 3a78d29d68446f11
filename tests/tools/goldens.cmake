# SPDX-License-Identifier: MIT
#
# Tests of diffode_goldens itself, run as
#   cmake -DPROGRAM=.../diffode_goldens -DDATA=tests/data/goldens -DSCRATCH=... -P goldens.cmake
# It passes the stored cases, and it notices when one of them is changed.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")

include("${CMAKE_CURRENT_LIST_DIR}/expect.cmake")

# one_case(OUT FILE ID): the case of that id.
function(one_case out file id)
  file(READ "${DATA}/${file}" whole)
  string(JSON count LENGTH "${whole}" cases)
  math(EXPR last "${count} - 1")
  foreach(i RANGE ${last})
    string(JSON this GET "${whole}" cases ${i} id)
    if(this STREQUAL id)
      string(JSON found GET "${whole}" cases ${i})
      set(${out} "${found}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "no case ${id} in ${file}")
endfunction()

# expect_case(NAME FAMILY CASE STATUS TEXT): the same for a file with this case alone.
function(expect_case name family case status text)
  string(MAKE_C_IDENTIFIER "${name}" file)
  file(WRITE "${SCRATCH}/${file}.json"
    "{\"format\": \"diffode-golden/1\", \"family\": \"${family}\", \"title\": \"${name}\", \"cases\": [${case}]}")
  expect("${name}" "${status}" "${text}" "${SCRATCH}/${file}.json")
endfunction()

expect("all stored cases" 0 "^369 passed, 0 failed, 0 skipped\n$" "${DATA}")
expect("one family" 0 "[1-9][0-9]* passed, 0 failed, 0 skipped" "${DATA}" --family grid)
expect("a family without files" 0 "0 passed, 0 failed, 0 skipped" "${DATA}" --family pipeline)
expect("a filter" 0 "^1 passed, 0 failed, 0 skipped" "${DATA}" --filter "^diffusers/ddim-eps-n10$")
expect("a tolerance below rounding" 1 "off by" "${DATA}" --filter "^diffusers/ddim-eps-n10$" --tolerance 1e-30)

one_case(ddim trajectory_discrete.json diffusers/ddim-eps-n10)
one_case(unipc trajectory_unipc.json unipc/denoise-to-zero)
one_case(karras grid_sigma.json grid/EulerDiscrete-karras-n20)
expect_case("an untouched case" trajectory "${ddim}" 0 "1 passed, 0 failed, 0 skipped")

# Nothing is ignored: fields and options that nobody knows, at every depth.
string(JSON changed SET "${ddim}" colour "\"red\"")
expect_case("unknown field of a case" trajectory "${changed}" 1 "failed diffusers/ddim-eps-n10: unknown field colour")
string(JSON changed SET "${ddim}" options sharpness 2)
expect_case("unknown option" trajectory "${changed}" 1 "unknown field options.sharpness = 2\n0 passed, 1 failed, 0 skipped")
string(JSON changed SET "${ddim}" model temperature 1)
expect_case("unknown field of the model" trajectory "${changed}" 1 "unknown field model.temperature")
string(JSON changed SET "${ddim}" grid rho "[1]")
expect_case("unknown column of the grid" trajectory "${changed}" 1 "unknown field grid.rho")
string(JSON changed SET "${karras}" input scheduler use_lu_lambdas true)
expect_case("option of another class" grid "${changed}" 1 "unknown field input.scheduler.use_lu_lambdas")
string(JSON changed SET "${karras}" input scheduler timestep_spacing "\"random\"")
expect_case("unknown value of an option" grid "${changed}" 1 "timestep_spacing is random")
string(JSON changed SET "${karras}" output entropy 1)
expect_case("unknown result" grid "${changed}" 1 "unknown field output.entropy")
string(JSON changed REMOVE "${ddim}" x_init)
expect_case("missing field" trajectory "${changed}" 1 "x_init is missing")

# Every result is compared.
foreach(state IN ITEMS trajectory predicted)
  string(JSON changed SET "${unipc}" ${state} 2 0 0 0.5)
  expect_case("changed ${state}" trajectory "${changed}" 1 "${state}.2.* is .*, needs 0.5")
endforeach()
string(JSON changed SET "${unipc}" x_final 0 0 0.5)
expect_case("changed x_final" trajectory "${changed}" 1 "x_final.* is .*, needs 0.5")
foreach(column IN ITEMS t alpha sigma)
  string(JSON changed SET "${unipc}" evals ${column} 1 0.5)
  expect_case("changed evals ${column}" trajectory "${changed}" 1 "evals.${column}")
endforeach()
foreach(column IN ITEMS timesteps sigmas alpha sigma)
  string(JSON changed SET "${karras}" output ${column} 3 0.125)
  expect_case("changed ${column}" grid "${changed}" 1 "output.${column}.*needs 0.125")
endforeach()
string(JSON changed SET "${karras}" output timesteps_integer true)
expect_case("changed timesteps_integer" grid "${changed}" 1 "timesteps_integer")
string(JSON changed SET "${karras}" output init_noise_sigma 1)
expect_case("changed init_noise_sigma" grid "${changed}" 1 "init_noise_sigma")

# What is not there yet is named.
string(JSON changed SET "${ddim}" solver "\"teleport\"")
expect_case("unknown solver" trajectory "${changed}" 0
  "skipped diffusers/ddim-eps-n10: solver teleport not available\n0 passed, 0 failed, 1 skipped")
string(JSON changed SET "${karras}" kind "\"spiral\"")
expect_case("unknown kind" grid "${changed}" 0 "kind spiral not available\n0 passed, 0 failed, 1 skipped")
expect_case("pipeline" pipeline "${ddim}" 0 "skipped diffusers/ddim-eps-n10: pipeline: comes later")

# Files that are no golden data, and arguments that make no sense.
file(WRITE "${SCRATCH}/broken/broken.json" "{\"format\": ")
expect("broken JSON" 2 "broken.json: is not JSON" "${SCRATCH}/broken")
file(WRITE "${SCRATCH}/format.json" "{\"format\": \"diffode-golden/9\", \"family\": \"grid\", \"cases\": []}")
expect("another format" 2 "format.json: field format is not" "${SCRATCH}/format.json")
file(WRITE "${SCRATCH}/family.json" "{\"format\": \"diffode-golden/1\", \"family\": \"zoo\", \"cases\": []}")
expect("another family" 2 "family.json: field family is \"zoo\"" "${SCRATCH}/family.json")
file(MAKE_DIRECTORY "${SCRATCH}/empty")
expect("an empty folder" 2 "empty: has no .json file" "${SCRATCH}/empty")
expect("no such folder" 2 "nowhere: no such file or folder" "${SCRATCH}/nowhere")
expect("no folder at all" 2 "DIR is required")
expect("a filter that is no expression" 2 "diffode_goldens: --filter . is no regular expression" "${DATA}" --filter "(")
expect("help" 0 "--tolerance" --help)
