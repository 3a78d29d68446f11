// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"

#include <stdexcept>
#include <string>

namespace diffode_bench {

/// What diffode runs in: the caller's state and the model in E, what diffode keeps itself in H.
template <class E, class H>
struct format {
  using element = E;
  using history = H;
  static dd::plan plan(const method_case& what, const dd::grid& levels) { return what.on(levels, dd::workspace<E, H, E>::planned({})); }
};

/// What `use` makes of the format of this name, one of those that --elements knows.
template <class F>
auto with_format(const std::string& element, F use) {
  if (element == "float") return use(format<float, float>{});
  if (element == "double") return use(format<double, double>{});
  if (element == "bfloat16") return use(format<dd::bfloat16, dd::bfloat16>{});
  if (element == "bfloat16_default") return use(format<dd::bfloat16, float>{});
  throw std::invalid_argument("element is '" + element + "', needs float, double, bfloat16 or bfloat16_default");
}

}  // namespace diffode_bench
