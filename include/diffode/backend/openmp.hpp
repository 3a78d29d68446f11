// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/executor.hpp"

#include <cstddef>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace diffode {

/// The threads of OpenMP for the processor backend: `diffode::openmp team; diffode::basic_cpu on(team);`
///
/// Needs   -fopenmp, in compiling and linking; without it `run` does not compile and says so
struct openmp {
#if defined(_OPENMP)
  static std::size_t threads() { return static_cast<std::size_t>(omp_get_max_threads()); }
  template <class F>
  void run(std::size_t parts, F&& f) const {
#pragma omp parallel for schedule(static, 1)
    for (std::size_t k = 0; k < parts; ++k) f(k);
  }
#else
  static std::size_t threads() { return 1; }
  template <class F>
  void run(std::size_t, F&&) const {
    static_assert(sizeof(F) == 0, "diffode: backend/openmp.hpp needs a program that is compiled and linked with -fopenmp");
  }
#endif
};

}  // namespace diffode
