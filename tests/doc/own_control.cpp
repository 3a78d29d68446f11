// SPDX-License-Identifier: MIT
//
// docs/concepts/control.md: a control of your own.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <string_view>
#include <vector>

namespace dd = diffode;

namespace {

/// Some of a grid's steps: two models share a run, one for the noisy levels and one for the others.
struct part {
  dd::grid levels;
  int first, count;

  int steps() const { return count; }
  dd::level<> at(int i) const { return levels[static_cast<std::size_t>(first + i)]; }
  dd::level<> between(double lambda) const { return levels.path().at_lambda(lambda); }
  dd::lane_map lanes() const { return {}; }
  dd::fault check() const {
    if (first >= 0 && count >= 1 && first + count <= static_cast<int>(levels.steps())) return {};
    return dd::error(dd::errc::bad_grid, "part: these are not all steps of the grid");
  }
};
static_assert(dd::control<part, double>);

}  // namespace

int main() {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  std::vector<float> whole = x;

  const dd::shared_plan noisy = dd::try_compile<double>(dd::ddim{}, part{grid, 0, 12}, dd::eps_model{}).value();
  const dd::shared_plan rest = dd::try_compile<double>(dd::ddim{}, part{grid, 12, 8}, dd::eps_model{}).value();
  dd::sample(noisy, dd::eps(gaussian::eps), x);
  dd::sample(rest, dd::eps(gaussian::eps), x);

  dd::sample(dd::ddim{}, grid, dd::eps(gaussian::eps), whole);
  const auto refused = dd::try_compile<double>(dd::ddim{}, part{grid, 12, 9}, dd::eps_model{});
  return x == whole && !refused ? 0 : 1;
}
