// SPDX-License-Identifier: MIT
//
// What a run through diffode::sampler takes for one evaluation of a model that costs nothing, against the same method as a
// hand-written loop and as operators on tensors, and against what the machine can copy. docs/performance.md explains it.

#include "program.hpp"
#include "sampled.hpp"

int main(int argc, char** argv) {
  return diffode_bench::run_program<diffode_bench::sampled>("sampler", "Time of diffode::sampler for one evaluation of a model that costs nothing, against hand-written loops.", argc, argv);
}
