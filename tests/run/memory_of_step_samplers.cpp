// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/control/adaptive.hpp"
#include "diffode/control/time_shift.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/model.hpp"
#include "diffode/run/adaptive_sampler.hpp"
#include "diffode/run/time_shift_sampler.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#if __has_include(<sys/mman.h>)
#include "run/far_memory.hpp"

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 12, batch = 3;
using form = decltype(dd::as_form(dd::eps_model{}));
template <class Backend>
using adaptive_on = dd::adaptive_sampler<double, dd::heun, form, Backend>;
template <class Backend>
using shifted_on = dd::time_shift_sampler<double, dd::dpmpp_2m, form, dd::philox, Backend>;

const dd::adaptive paces(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .rtol = 1e-2});
dd::time_shift shifts() { return {dd::uniform_time(dd::discrete_from({}), {.from = 999, .to = 0, .count = 10}), {.window = 40, .cutoff = 100}}; }

/// The sample of a run whose arrays, and the model's, lie where only the backend reaches.
template <class Make>
std::vector<double> far_sample(const Make& make, std::vector<double> x) {
  const far_memory memory(8 * far_memory::page);
  int prepared = 0;
  const far on{&memory, &prepared};
  on.copy(memory.at(), x.data(), size * sizeof(double));
  const std::span<double> state(static_cast<double*>(memory.at()), size);
  double* const answer = reinterpret_cast<double*>(static_cast<std::byte*>(memory.at()) + far_memory::page);
  auto run = make(state, far(on));
  while (const auto call = run.next()) {
    memory.opened([&] {
      for (std::size_t i = 0; i < size; ++i) answer[i] = 0.3 * call->x[i];
    });
    run.feed(std::span<const double>(answer, size));
  }
  CHECK(run.finished());
  on.copy(x.data(), state.data(), size * sizeof(double));
  return x;
}
template <class Make>
std::vector<double> near_sample(const Make& make, std::vector<double> x) {
  std::vector<double> answer(size);
  auto run = make(std::span(x), dd::cpu{});
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < size; ++i) answer[i] = 0.3 * call->x[i];
    run.feed(std::span<const double>(answer));
  }
  return x;
}
std::vector<double> start() {
  std::vector<double> x(size);
  dd::philox{.seed = 3}.fill(0, 0, 0, std::span(x));
  return x;
}

}  // namespace

TEST_CASE("adaptive control keeps all its arrays where the backend has them") {
  const auto make = []<class Backend>(std::span<double> x, Backend on) { return adaptive_on<Backend>(dd::heun{}, paces, dd::eps_model{}, x, {.batch = batch}, std::move(on)); };
  CHECK(far_sample(make, start()) == near_sample(make, start()));
}

TEST_CASE("time shift keeps all its arrays where the backend has them") {
  const auto make = []<class Backend>(std::span<double> x, Backend on) {
    return shifted_on<Backend>(dd::dpmpp_2m{}, shifts(), dd::eps_model{}, x, {.batch = batch}, dd::philox{}, std::move(on));
  };
  CHECK(far_sample(make, start()) == near_sample(make, start()));
}

TEST_CASE("memory that a backend can not give to a run of steps is its own refusal") {
  const far_memory memory(far_memory::page);
  int prepared = 0;
  const far on{&memory, &prepared};
  const std::span<double> state(static_cast<double*>(memory.at()), 7 * far_memory::page);
  const auto paced = adaptive_on<far>::try_make(dd::heun{}, paces, dd::as_form(dd::eps_model{}), state, {}, far(on));
  const auto shifted = shifted_on<far>::try_make(dd::dpmpp_2m{}, shifts(), dd::as_form(dd::eps_model{}), state, {}, {}, far(on));
  REQUIRE_FALSE(paced);
  REQUIRE_FALSE(shifted);
  CHECK(std::string_view(paced.reason()->what()) == "far: not so much");
  CHECK(std::string_view(shifted.reason()->what()) == "far: not so much");
}

#endif
