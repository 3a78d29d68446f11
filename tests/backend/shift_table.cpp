// SPDX-License-Identifier: MIT
#include "diffode/backend/shift_table.hpp"

#include "backend/kernel_on_host.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/step_table.hpp"
#include "diffode/grid/karras.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/method.hpp"
#include "diffode/model.hpp"
#include "diffode/run/time_shift_sampler.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/edm.hpp"
#include "effort.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t each = 20, samples = 3, size = each * samples;
const dd::lane_map lanes{each, samples};
const dd::compile_options own{.own_input = true};
const dd::noise_path path = dd::discrete_from({});

dd::time_shift where(dd::shifted_end end = dd::shifted_end::target_time) {
  return {dd::uniform_time(path, {.from = 999, .to = 0, .count = 8}), {.window = 40, .cutoff = 150, .end = end, .data_variance = 0.25}};
}
std::vector<float> start() {
  std::vector<float> x(size);
  dd::philox{.seed = 4}.fill(0, 0, 0, std::span(x));
  for (std::size_t i = 0; i < size; ++i) x[i] *= 0.8F + 0.2F * static_cast<float>(i / each);  // samples of different variance
  return x;
}
float answer(float x) { return 0.75F * x; }

template <class M>
std::vector<float> by_sampler(const M& how, std::size_t& moved) {
  std::vector<float> x = start(), out(size);
  const dd::time_shift shift = where();
  dd::time_shift_sampler run(how, shift, dd::eps_model{}, x, {.batch = samples}, dd::philox{.seed = 9});
  while (const auto call = run.next()) {
    for (const dd::level<>& l : run.shifted()) moved += l.t != shift.at(call->step + 1).t;
    for (std::size_t i = 0; i < size; ++i) out[i] = answer(call->x[i]);
    run.feed(out);
  }
  return x;
}

/// As a device does it: before each combine the formula sets its coefficients, by what was measured.
template <class M>
std::vector<float> by_table(const M& how) {
  const auto shifts = dd::shift_table<float>::try_make(how, where(), dd::eps_model{}, lanes, own).value();
  std::vector<float> x = start(), out(size);
  dd::workspace<float> arrays(shifts.plan(), x, samples, {});
  const float* const outputs[] = {out.data()};
  const auto table = dd::step_table<float>::try_make(arrays, std::span<const float* const>(outputs)).value();
  std::vector<float> coefficients(table.coefficients().begin(), table.coefficients().end());
  const dd::shift_formula<float> formula{shifts.choices().data(), shifts.variances().data(), shifts.coefficients().data()};
  REQUIRE(shifts.choices().size() == table.steps().size());
  for (std::size_t k = 0; k < table.steps().size(); ++k) {
    const dd::detail::combine_step& s = table.steps()[k];
    std::vector<dd::lane_moments> measured(samples);
    dd::cpu{}.measure(dd::moment_measure<float>{x.data(), size, lanes}, std::span(measured));
    for (std::size_t l = 0; l < samples; ++l)
      formula(static_cast<unsigned>(k), measured[l], dd::lane_coefficients<float>{coefficients.data() + s.coefficients + l, samples, s.outs, s.ins});
    diffode_test::kernel_on_host::run<float>(s, coefficients.data() + s.coefficients, table.shape(), dd::philox{.seed = 9}, table.group(), 3);
    for (std::size_t i = 0; i < size; ++i) out[i] = answer(arrays.slot(shifts.plan()->input_slot())[i]);
  }
  return x;
}

template <class M>
void check(const M& how) {
  INFO(how.name);
  std::size_t moved = 0;
  const std::vector<float> expected = by_sampler(how, moved), got = by_table(how);
  CHECK(moved > 2 * samples);
  CHECK(std::memcmp(got.data(), expected.data(), size * sizeof(float)) == 0);
}

template <class M, class Model>
std::string refusal(const M& how, const dd::time_shift& at, const Model& model) {
  const auto t = dd::shift_table<float>::try_make(how, at, model, lanes, own);
  return t ? std::string() : std::string(t.reason()->what());
}

}  // namespace

TEST_CASE("a device that chooses among the levels of a table gives the bits of time shift") {
  check(dd::ddim{});
  check(dd::unipc{.p = 3});
  check(dd::sde_dpmpp{});
  if (diffode_test::is_short()) return;
  check(dd::ddim{.eta = 1});
  check(dd::euler{});
  check(dd::ancestral<dd::euler>{});
  check(dd::tcd{});
  check(dd::dpmpp_2m{});
  check(dd::dpmpp_3m{});
  check(dd::deis{});
  check(dd::ipndm{});
  check(dd::sa_solver{});
  check(dd::er_sde{});
  check(dd::res_multistep{});
  check(dd::lms{});
}

TEST_CASE("the level that is chosen is the one that time shift chooses, also for a variance that is no number") {
  const dd::time_shift at = where();
  const auto t = dd::shift_table<float>::try_make(dd::ddim{}, at, dd::eps_model{}, lanes, own).value();
  std::size_t compared = 0;
  for (int i = 0; i < at.steps(); ++i) {
    const dd::shift_choices& c = t.choices()[static_cast<std::size_t>(i) + 1];
    CHECK((c.count > 0) == at.shifts(i));
    if (c.count == 0) continue;
    std::vector<dd::level<>> tried;
    at.each_tried(at.shifted(i), [&](const dd::level<>& l, bool) { tried.push_back(l); });
    REQUIRE(tried.size() == c.count);
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double v : {0.0, 0.1, 0.25, 0.4, 0.7, 0.9, 0.99, 1.0, 2.0, infinity, -infinity, std::nan("")}) {
      CHECK(tried[dd::detail::nearest_variance(t.variances().data() + c.first, c, v)].t == at.nearest(at.shifted(i), v).t);
      ++compared;
    }
    for (std::size_t k = 0; k + 1 < tried.size(); k += 7) {  // halfway between two, where the lower one counts
      const double v = (at.expected(tried[k]) + at.expected(tried[k + 1])) / 2;
      CHECK(tried[dd::detail::nearest_variance(t.variances().data() + c.first, c, v)].t == at.nearest(at.shifted(i), v).t);
    }
  }
  CHECK(compared > 40);
}

TEST_CASE("what a device can not shift by coefficients alone is refused") {
  CHECK(refusal(dd::ddim{}, where(dd::shifted_end::model_time), dd::eps_model{}) ==
        "shift_table: end is model_time, needs target_time: a device sets coefficients, not what the model is told");
  CHECK(refusal(dd::heun{}, where(), dd::eps_model{}) == "heun: it has 16 evaluations in 8 steps, needs one for each, and no second state, for time shift on a device");
  const dd::time_shift scaled(dd::uniform_time(dd::edm{}, {.from = 10, .to = 0.1, .count = 6}), {.window = 0.4, .end = dd::shifted_end::target_time, .spacing = 0.1});
  CHECK(refusal(dd::euler{}, scaled, dd::edm_model{}) ==
        "euler: a shift of step 1 changes more than the state that the model reads next, needs a method and a model where it does not");
  CHECK(refusal(dd::ddim{}, where(), dd::model_form<dd::eps_model, dd::clip>{}) == "ddim: step 0 is more than one combine, needs to be one, without a filter, for time shift on a device");
  const dd::time_shift far(dd::karras(dd::edm{}, {.sigma_max = 1e39, .sigma_min = 1, .count = 3}), {.window = 0.5, .end = dd::shifted_end::target_time, .spacing = 0.1});
  CHECK(refusal(dd::euler{}, far, dd::eps_model{}).find("shift_table: the largest coefficient of the plan is ") == 0);
  CHECK(refusal(dd::ddim{}, dd::time_shift(where().levels(), {.window = -1}), dd::eps_model{}).find("time_shift: window is -1, needs") == 0);
}
