// SPDX-License-Identifier: MIT
//
// What the backend takes for the combines of a run, called one after another with nothing between: bench/sampler less the
// sampler. docs/performance.md explains it.

#include "combined.hpp"
#include "program.hpp"

int main(int argc, char** argv) {
  return diffode_bench::run_program<diffode_bench::combined>("combine", "Time of the backend for the combines of a run, against hand-written loops.", argc, argv);
}
