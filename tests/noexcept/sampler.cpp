// SPDX-License-Identifier: MIT
//
// A run of an engine that has neither exceptions nor run-time type information: every error is a value.
#include "diffode/diffode.hpp"

#include "noexcept/expect.hpp"

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

namespace dd = diffode;
using diffode_test::expect, diffode_test::failures;

namespace {

/// The perfect noise prediction for data that are all 0.25.
void answer(const dd::request<float>& call, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>((static_cast<double>(call.x[i]) - 0.25 * call.at.alpha) / call.at.sigma);
}

void run_to_the_end() {
  const auto levels = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  expect(static_cast<bool>(levels), "the grid is made");
  const auto planned = dd::try_compile(dd::unipc{}, levels.value(), dd::eps_model{});
  expect(static_cast<bool>(planned), "the run is planned");
  const dd::shared_plan made = planned.value();
  std::vector<float> x(4), out(4);
  dd::fill_with_noise(x, levels.value().front());
  auto sampler = dd::sampler<float>::try_make(made, x);
  expect(static_cast<bool>(sampler), "the sampler is made");
  dd::sampler<float>& s = sampler.value();
  const dd::saved_run<float> before = s.save();
  while (const auto call = s.next()) {
    answer(*call, out);
    expect(!s.try_feed(out), "the answer is taken");
  }
  expect(s.finished(), "the run is finished");
  // The last level has sigma = 0.01; rounding of floats in ten steps is far below.
  for (const float v : x) expect(std::abs(v - 0.25f) < 0.1f, "the sample is the data");
  expect(s.try_feed(out), "feed: the run is finished after 10 evaluations, needs a next() that asks for one");
  expect(!s.try_restore(before), "the start is restored");
  expect(s.next().has_value(), "the restored run asks again");
}

void refusals_are_values() {
  const auto levels = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 0});
  expect(levels.reason(), "uniform_lambda: count is 0, needs at least 1");
  const auto grid = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 3});
  expect(dd::try_compile(dd::unipc{.p = 7}, grid.value(), dd::eps_model{}).reason(), "unipc: order p is 7, needs 1 to 4");
  expect(dd::try_compile(dd::ddim{.eta = 2}, grid.value(), dd::eps_model{}).reason(), "ddim: eta is 2, needs a number from 0 to 1");
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, grid.value(), dd::eps_model{});
  const dd::shared_plan other = dd::compile(dd::ddim{}, grid.value(), dd::eps_model{});
  std::vector<float> x(4, 1.0f), y(4), small(3);
  expect(dd::sampler<float>::try_make(made, x, {.batch = 3}).reason(), "sampler: batch is 3, needs a divisor of the size of x, 4");
  auto a = dd::sampler<float>::try_make(made, x), b = dd::sampler<float>::try_make(other, y);
  expect(a.value().try_feed(small), "feed: size of output 0 is 3, needs 4, the size of the state");
  expect(x[0] == 1.0f, "a refused answer changes nothing");
  const dd::fault f = b.value().try_restore(a.value().save());
  expect(f && std::string_view(f->what()).starts_with("restore: the saved run is of plan "), "a saved run of another plan is refused");
  expect(f && f->code() == dd::errc::bad_call, "the refusal has its kind");
}

}  // namespace

int main() {
  run_to_the_end();
  refusals_are_values();
  return failures == 0 ? 0 : 1;
}
