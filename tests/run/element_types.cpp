// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/mixture.hpp"
#include "diffode/control/adaptive.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/model.hpp"
#include "diffode/run/adaptive.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace dd = diffode;

namespace {

const dd::grid levels = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.8, .to = 0.02, .count = 8});

/// The exact model for arrays of any type.
template <class T>
auto net() {
  return [](std::span<const T> x, const dd::level<>& at, std::span<T> out) {
    const diffode_test::mixture data;
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = T(data.at(static_cast<double>(x[i]), at).eps);
  };
}

template <class T>
std::vector<T> start() {
  std::vector<T> x;
  for (int i = 0; i < 40; ++i) x.push_back(T(-1.5 + 0.07 * i));
  return x;
}

/// Largest difference to a run in double.
template <class T>
double off(std::span<const T> x) {
  std::vector<double> y = start<double>();
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps(net<double>()), y);
  double most = 0;
  for (std::size_t i = 0; i < y.size(); ++i) most = std::fmax(most, std::fabs(y[i] - static_cast<double>(x[i])));
  return most;
}

template <class T>
constexpr double rounding = sizeof(T) == 8 ? 1e-12 : sizeof(T) == 4 ? 1e-5 : 0.1;

std::string_view message(const dd::fault& f) { return f ? f->what() : "none"; }

}  // namespace

TEMPLATE_TEST_CASE("push takes arrays of every element type, with and without somebody who watches", "", double, float, dd::float16, dd::bfloat16) {
  std::vector<TestType> x = start<TestType>(), y = x;
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps(net<TestType>()), x);
  CHECK(off<TestType>(x) < rounding<TestType>);
  int seen = 0;
  const dd::run_options all{.plan = {.watch_state = true, .watch_denoised = true}};
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps(net<TestType>()), y, all, dd::philox{}, [&](const auto& now) { seen += static_cast<int>(now.x.size()); });
  CHECK(seen == 2 * 8 * 40);
  CHECK(off<TestType>(y) < rounding<TestType>);
}

TEMPLATE_TEST_CASE("push filters predictions of every element type", "", double, float, dd::float16, dd::bfloat16) {
  std::vector<TestType> x = start<TestType>();
  dd::sample(dd::dpmpp_2m{}, levels, dd::filtered(dd::eps(net<TestType>()), dd::clip{.range = 100}), x);
  CHECK(off<TestType>(x) < rounding<TestType>);
}

TEMPLATE_TEST_CASE("adaptive runs take arrays of every element type", "", double, float, dd::float16, dd::bfloat16) {
  std::vector<TestType> x = start<TestType>();
  const dd::adaptive where(dd::vp_linear{}, {.from = 0.8, .to = 0.02, .rtol = 0.1, .atol = 0.1});
  const dd::run_report report = dd::sample(dd::heun{}, where, dd::eps(net<TestType>()), x);
  CHECK(report.outcome == dd::status::finished);
  CHECK(off<TestType>(x) < 0.5);
}

TEST_CASE("arrays of wider elements are aligned for them wherever the state begins") {
  std::vector<dd::float16> memory(50, dd::float16(0.0));
  for (std::size_t shift = 0; shift < 5; ++shift) {
    const std::span<dd::float16> x = std::span(memory).subspan(shift, 40);
    const std::vector<dd::float16> from = start<dd::float16>();
    for (std::size_t i = 0; i < 40; ++i) x[i] = from[i];
    dd::sampler_of<dd::float16, double, double> run(dd::dpmpp_2m{}, levels, dd::eps_model{}, x);
    std::vector<double> out(40);
    while (const auto call = run.next()) {
      CHECK(reinterpret_cast<std::uintptr_t>(call->x.data()) % alignof(double) == 0);
      net<double>()(call->x, call->at, out);
      run.feed(out);
    }
    CHECK(off<dd::float16>(x) < 0.1);
  }
}

TEST_CASE("memory for a run is refused where the widest of its elements can not begin") {
  using sampler = dd::sampler_of<dd::float16, double>;
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{}, sampler::planned({}));
  std::vector<dd::float16> x = start<dd::float16>();
  alignas(8) std::byte memory[4096];
  CHECK(sampler::try_make(plan, x, {.memory = std::span(memory)}).reason() == std::nullopt);
  const auto refused = sampler::try_make(plan, x, {.memory = std::span(memory).subspan(2)});
  CHECK(message(refused.reason()).find("needs a multiple of 8") != std::string_view::npos);
}

TEST_CASE("a saved run is refused where its arrays would be taken for others of the same size") {
  using half = dd::sampler_of<float, dd::float16>;
  using brain = dd::sampler_of<float, dd::bfloat16>;
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{}, half::planned({}));
  std::vector<float> x = start<float>(), y = x;
  const half a(plan, x);
  brain b(plan, y);
  const dd::saved_run<float> saved = a.save();
  CHECK(message(b.try_restore(saved)) == "restore: saved array 1 is of float16, needs bfloat16, as in the sampler that saved it");
}

TEST_CASE("a plan without what the element types need is refused, and says what to do") {
  const dd::shared_plan plain = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{});
  std::vector<float> x = start<float>();
  std::vector<dd::float16> y = start<dd::float16>();
  CHECK(message(dd::sampler_of<float, dd::float16>::try_make(plain, x).reason()) ==
        "sampler: the model's element type is float16 and that of x float32, needs a plan that was compiled with own_input = true, see sampler<...>::planned");
  CHECK(message(dd::sampler_of<dd::float16>::try_make(plain, y).reason()) ==
        "sampler: the element type of the history is float32 and that of x float16, needs a plan that was compiled with own_state = true, see sampler<...>::planned");
}
