// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace {

namespace dd = diffode;

std::string why(const auto& result) { return result ? "" : result.reason()->what(); }
std::string why(const dd::fault& f) { return f ? f->what() : ""; }

const dd::grid& levels() {
  static const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 4});
  return g;
}

}  // namespace

TEST_CASE("lanes whose ends or repeats differ are refused: a lane gets what it gets alone") {
  const dd::grid to_zero = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4});
  const dd::grid above = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4, .end = dd::ending::keep});
  const dd::grid twice = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4, .end = dd::ending::repeat});
  const auto plan = [](const dd::grid& a, const dd::grid& b) {
    return why(dd::try_compile(dd::dpmpp_2m{}, dd::fixed<dd::lanes>({a, b}, {.stride = 2, .count = 2}), dd::x0_model{}));
  };
  CHECK(plan(to_zero, to_zero).empty());
  CHECK(plan(above, to_zero).find("fixed: lambda of level 4 is inf in grid 1 and 2.30") == 0);
  CHECK(plan(twice, above) == "fixed: level 4 repeats the one before in grid 0 alone, needs to in all lanes or in none");
}

TEST_CASE("options, filters and watchers beside a plan that has no room for them are refused") {
  const auto net = [](std::span<const double> x, const dd::level<>&, std::span<double> out) { out[0] = x[0]; };
  const dd::shared_plan plan = dd::compile(dd::ddim{}, levels(), dd::eps_model{});
  std::vector<double> x{1};
  CHECK(why(dd::try_sample(plan, dd::eps(net), x, {.plan = {.denoise_at_end = true}})) ==
        "sampler: options have a plan part, needs none beside a plan that is made: give it to compile");
  CHECK(why(dd::try_sample(plan, dd::eps(net), x, {}, dd::philox{}, [](const dd::sight<double>&) {})) ==
        "sample: watch has nothing to see, needs a plan that was compiled with watch_state, watch_predicted or watch_denoised");
  CHECK(why(dd::sampler<double, dd::philox, dd::clip>::try_make(plan, x, {}, {}, dd::clip{1})) ==
        "sampler: limit is a filter, needs none: the plan was made without");
  CHECK(x == std::vector<double>{1});
}

TEST_CASE("memory that is part of the state, lanes beyond it and coefficients beyond a float are refused") {
  std::vector<double> whole(12, 1.0);
  const std::span<double> x = std::span(whole).first(4);
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, levels(), dd::x0_model{});
  CHECK(why(dd::sampler<double>::try_make(plan, x, {.memory = std::as_writable_bytes(std::span(whole))})) ==
        "sampler: memory overlaps x, needs memory of its own");
  CHECK(dd::sampler<double>::try_make(plan, x, {.memory = std::as_writable_bytes(std::span(whole).subspan(4))}));
  const dd::fixed<dd::lanes> wide({levels(), levels()}, {.stride = std::size_t{1} << 63, .count = 2});
  CHECK(why(dd::sampler<double>::try_make(dd::compile(dd::ddim{}, wide, dd::x0_model{}), x)) ==
        "sampler: size of x is 4, needs a multiple of 2 lanes x stride 9223372036854775808");
  const dd::grid far = dd::karras(dd::edm{}, {.sigma_max = 1e39, .sigma_min = 1, .count = 3});
  std::vector<float> y(4);
  CHECK(why(dd::sampler<float>::try_make(dd::compile(dd::euler{}, far, dd::eps_model{}), y)).find("sampler: the largest coefficient of the plan is ") == 0);
}

TEST_CASE("a model is told no label that it can not understand") {
  const dd::grid sd = dd::snapped(dd::karras(dd::discrete_from({}, dd::interpolation::log_alpha), {.count = 5}), dd::snap::half_even);
  for (const dd::level<>& l : sd) CHECK(l.label >= 0);
  const dd::grid edm = dd::karras(dd::edm{}, {.count = 3});
  CHECK(why(dd::try_compile(dd::euler{}, edm, dd::edm_model{}, {.denoise_at_end = true})) ==
        "euler: the label at sigma 0 would be -inf, needs a finite number: this model can not be asked there");
}

TEST_CASE("counts and shapes that would take all memory or all day are refused") {
  constexpr int huge = std::numeric_limits<int>::max();
  CHECK(why(dd::try_uniform_time(dd::flow{}, {.from = 1, .to = 0, .count = huge})) == "uniform_time: count is 2147483647, needs at most 1000000");
  CHECK(why(dd::try_karras(dd::edm{}, {.count = huge, .end = dd::ending::keep})) == "karras: count is 2147483647, needs at most 1000000");
  CHECK(why(dd::try_beta_sigmas(dd::edm{}, {.count = 5}, {1, 1e-9})) == "beta_sigmas: b is 1e-09, needs a number from 0.01 to 80");
  CHECK(why(dd::try_beta_sigmas(dd::edm{}, {.count = 5}, {200, 200})) == "beta_sigmas: a is 200, needs a number from 0.01 to 80");
  CHECK_FALSE(why(dd::try_sgm_uniform(dd::flow{}, huge, dd::ending::keep)).empty());
}

TEST_CASE("noise that was recorded has no stream for the start") {
  const std::vector<double> drawn(8);
  std::vector<double> x(4);
  CHECK(why(dd::try_fill_with_noise(x, levels().front(), dd::recorded_noise<double>{drawn, 4}, 1)) ==
        "fill_with_noise: noise is a record, needs a source with a stream for the start, such as philox");
}

TEST_CASE("numbers of guidance, shifts and correctors that are none are named") {
  CHECK(why(dd::classifier_free(std::numeric_limits<double>::infinity()).check()) == "guidance: weight 0 is inf, needs a finite number");
  CHECK(why(dd::try_mu_of_tokens(100, {.mu_low = std::numeric_limits<double>::infinity()})) ==
        "mu_of_tokens: mu_low, mu_high are inf, 1.15, need finite numbers");
  CHECK(why(dd::unipc{.uncorrected = {-5}}.check()) == "unipc: a point of `uncorrected` is -5, needs 1 or more");
}
