// SPDX-License-Identifier: MIT
//
// docs/concepts/coefficient.md: a formula written once, for double and for lanes.
#include <diffode/core.hpp>

#include <cmath>
#include <vector>

namespace dd = diffode;

namespace {

/// The share of the noise that a step from s to t takes away: 1 - rho_t/rho_s, without a difference of near equals.
template <dd::coefficient R>
R removed(const dd::level<R>& s, const dd::level<R>& t) {
  using std::expm1;  // for double; for lanes it is found by itself
  return -expm1(s.lambda - t.lambda);
}

}  // namespace

int main() {
  const std::vector<dd::level<>> from{dd::make_level(0, 0.6, 0.8), dd::make_level(0, 0.8, 0.6)};
  const std::vector<dd::level<>> to{dd::make_level(0, 0.8, 0.6), dd::make_level(0, 1, 0)};
  const dd::lanes all = removed(dd::join(from), dd::join(to));
  for (std::size_t k = 0; k < 2; ++k)
    if (all[k] != removed(from[k], to[k])) return 1;
  return std::abs(all[0] - 0.4375) < 1e-15 && all[1] == 1 ? 0 : 1;  // rho 4/3 to 3/4, and to 0
}
