// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_element.hpp"
#include "diffode/backend/philox_groups.hpp"

#include <cstddef>
#include <vector>

namespace diffode_test {

/// What the CUDA kernels do, on the processor: the same code for each thread, one thread after another.
struct kernel_on_host {
  std::size_t threads = 1;

  template <class T, class Noise>
  void combine(const diffode::combination<T>& c, const Noise& noise) const {
    using F = typename diffode::detail::arithmetic_in<T>::type;
    diffode::detail::combine_step s = diffode::detail::step_of(c);
    const unsigned group = diffode::detail::group_of(s, sizeof(F) == 8);
    diffode::detail::align(s, group);
    const std::vector<F> coefficients(c.coefficients.begin(), c.coefficients.end());
    run(s, coefficients.data(), {c.size, c.sample_size, c.lanes}, noise, group, threads);
  }

  /// One step of a table, all of it.
  template <class F, class Noise>
  static void run(const diffode::detail::combine_step& s, const F* coefficients, const diffode::detail::combine_shape& shape, const Noise& noise, unsigned group, std::size_t threads) {
    bool makes = false;
    for (unsigned k = 0; k < s.ins; ++k) makes = makes || !s.in[k].data;
    // In the place of the number of outputs, the next one that there is a kernel for.
    const auto rows = [&]<unsigned Group, bool Various>() {
      if (s.outs <= 1) work<F, Group, 1, Various>(s, coefficients, shape, noise, threads);
      else if (s.outs <= 4) work<F, Group, 4, Various>(s, coefficients, shape, noise, threads);
      else work<F, Group, diffode::most_outputs, Various>(s, coefficients, shape, noise, threads);
    };
    const bool various = makes || shape.lanes.count > 1;
    if constexpr (sizeof(F) == 8) various ? rows.template operator()<2, true>() : rows.template operator()<2, false>();
    else if (group == 8) various ? rows.template operator()<8, true>() : rows.template operator()<8, false>();
    else various ? rows.template operator()<4, true>() : rows.template operator()<4, false>();
  }

 private:
  template <class F, unsigned Group, unsigned Rows, bool Various, class Noise>
  static void work(const diffode::detail::combine_step& s, const F* coefficients, const diffode::detail::combine_shape& shape, const Noise& noise, std::size_t threads) {
    const diffode::detail::philox_groups made(noise);
    const diffode::detail::combine_thread<F, Group, Rows, Various, diffode::detail::philox_groups> thread(s, coefficients, shape, made);
    for (std::size_t k = threads; k-- > 0;) thread(k, threads);
  }
};

}  // namespace diffode_test
