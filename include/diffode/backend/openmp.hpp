// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/executor.hpp"
#include "diffode/detail/float_mode.hpp"
#include "diffode/detail/thrown_by.hpp"

#include <cstddef>
#include <exception>
#include <utility>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace diffode {

/// The threads of OpenMP for the processor backend: `diffode::openmp team; diffode::basic_cpu on(team);`
///
/// Needs   -fopenmp, in compiling and linking; without it `run` does not compile and says so
/// Bits    parts are done in the floating-point mode of the calling thread (rounding, small numbers as zero)
/// Errors  what a part throws comes out of `run` once all parts are done (of several one, the first to arrive)
struct openmp {
#if defined(_OPENMP)
  static std::size_t threads() { return static_cast<std::size_t>(omp_get_max_threads()); }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    std::exception_ptr first;
    const detail::float_mode mode = detail::float_mode::of_this_thread();
#pragma omp parallel for schedule(dynamic, 1)
    for (std::size_t k = 0; k < parts; ++k) {
      if (std::exception_ptr thrown = detail::thrown_by([&] { mode.call([&] { f(k); }); })) {  // must not leave the parallel region
#pragma omp critical(diffode_openmp_run)
        if (!first) first = std::move(thrown);
      }
    }
    if (first) std::rethrow_exception(first);
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
