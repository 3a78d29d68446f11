// SPDX-License-Identifier: MIT
//
// What will a run do, and what will it cost? A plan is data: print it before any array exists.

#include <diffode/diffode.hpp>
#include <diffode/tape/print.hpp>

#include <cstdio>

int main() {
  namespace dd = diffode;

  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 10});
  const dd::plan two_m = dd::compile(dd::dpmpp_2m{}, grid, dd::eps_model{});
  const dd::plan unipc = dd::compile(dd::unipc{.p = 2}, grid, dd::eps_model{});
  std::printf("%s\n%s", dd::to_string(two_m).c_str(), dd::to_string(unipc).c_str());
  return two_m.kernels() == two_m.calls() && unipc.kernels() == unipc.calls() ? 0 : 1;
}
