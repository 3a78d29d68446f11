// SPDX-License-Identifier: MIT
//
// How do I use diffode in an engine that does not throw? Every builder has a `try_` form that returns a value or the
// reason why there is none.

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <string_view>
#include <vector>

namespace {

/// What came from the user of the engine.
struct settings {
  int steps, order;
};

/// Draws a sample, or says what is wrong with the settings.
diffode::fault draw(const settings& s, std::vector<float>& x) {
  namespace dd = diffode;
  const auto grid = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = s.steps});
  if (!grid) return grid.reason();
  auto plan = dd::try_compile(dd::unipc{.p = s.order}, grid.value(), dd::eps_model{});
  if (!plan) return plan.reason();
  auto run = dd::sampler<float>::try_make(std::move(plan).value(), x);
  if (!run) return run.reason();
  std::vector<float> answer(x.size());
  while (const auto call = run.value().next()) {
    gaussian::eps(call->x, call->at, answer);
    if (const dd::fault f = run.value().try_feed(answer)) return f;
  }
  return {};
}

}  // namespace

int main() {
  std::vector<float> x(16 * 1024);
  diffode::fill_with_noise(x, diffode::vp_linear{}.at(1));
  const diffode::fault wrong = draw({.steps = 20, .order = 7}, x), fine = draw({.steps = 20, .order = 2}, x);
  std::printf("order 7: %s\norder 2: %s\n", wrong ? wrong->what() : "fine", fine ? fine->what() : "fine");
  return wrong && !fine && gaussian::looks_right(x) ? 0 : 1;
}
