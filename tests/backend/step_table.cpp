// SPDX-License-Identifier: MIT
#include "backend/table_on_host.hpp"
#include "catch.hpp"
#include "conformance/families.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/grid/karras.hpp"
#include "diffode/method/dpmpp_sde.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"
#include "diffode/schedule/edm.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 60, batch = 4;
const dd::grid levels = families()[0].uniform(6);

/// Any function of input, label of the element's lane and number of the output, with numbers that all types hold.
template <class T>
void answer(std::span<const T> x, double label, std::size_t output, std::size_t first, std::size_t count, std::span<T> out) {
  for (std::size_t i = first; i < first + count; ++i) out[i] = T(0.25 * static_cast<double>(x[i]) + label / 8 + static_cast<double>(output));
}

template <class T>
void check(const dd::shared_plan& p) {
  std::vector<T> x(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = T(std::sin(static_cast<double>(i)));
  std::vector<T> from_table = x;
  const dd::philox noise{.seed = 8};
  const dd::lane_map lanes = p->lanes();
  dd::sampler<T, dd::philox, dd::no_filter, dd::cpu, T> run(p, x, {.batch = batch}, noise);
  std::vector<std::vector<T>> out(static_cast<std::size_t>(p->model_outputs()), std::vector<T>(size));
  using F = dd::arithmetic<T>;
  while (const auto call = run.next()) {
    std::vector<std::span<const T>> outs;
    for (std::size_t k = 0; k < out.size(); ++k) {
      for (std::size_t i = 0; i < size; ++i) answer<T>(call->x, static_cast<double>(static_cast<F>(call->levels[lanes(i)].label)), k, i, 1, out[k]);
      outs.push_back(out[k]);
    }
    REQUIRE_FALSE(run.try_feed(outs));
  }
  run_table(p, from_table, batch, noise, [&](std::span<const T> input, std::span<const F> labels, std::size_t k, std::span<T> to) {
    for (std::size_t i = 0; i < size; ++i) answer<T>(input, static_cast<double>(labels[labels.size() == 1 ? 0 : lanes(i)]), k, i, 1, to);
  });
  INFO(p->method());
  for (std::size_t i = 0; i < size; ++i) CHECK(static_cast<double>(from_table[i]) == static_cast<double>(x[i]));
}

template <class T>
void check_all() {
  const dd::compile_options own{.own_input = true};
  check<T>(dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{}, own));
  check<T>(dd::compile(dd::heun{}, levels, dd::x0_model{}, own));
  check<T>(dd::compile(dd::dpmpp_sde{}, levels, dd::eps_model{}, own));
  check<T>(dd::compile(dd::unipc{}, levels, dd::guided(dd::v_model{}, dd::classifier_free(2)), own));
  std::vector<dd::grid> grids;
  for (const int shift : {0, 1, 2, 3}) grids.push_back(dd::uniform_lambda(families()[0].path, {.from = 0.8 - 0.1 * shift, .to = 0.02, .count = 6}));
  check<T>(dd::compile(dd::dpmpp_sde{}, dd::fixed<dd::lanes>(grids, dd::lane_map{size / 4, 4}), dd::v_model{}, own));
  check<T>(dd::compile(dd::unipc{.p = 3}, dd::fixed<dd::lanes>(grids, dd::lane_map{3, 4}), dd::v_model{}, own));
}

}  // namespace

TEMPLATE_TEST_CASE("a run from its table gives the bits of a sampler", "", double, float, dd::float16, dd::bfloat16) { check_all<TestType>(); }

TEST_CASE("every evaluation has the same number of combines, and a label for each lane") {
  std::vector<float> x(size);
  const dd::shared_plan p = dd::compile(dd::heun{}, levels, dd::v_model{}, {.own_input = true});
  dd::workspace<float> arrays(p, x, 1, {});
  const float* const outputs[] = {x.data()};
  const auto t = dd::step_table<float>::try_make(arrays, std::span<const float* const>(outputs)).value();
  CHECK(t.steps().size() == (1 + t.calls()) * t.per_call());
  CHECK(t.labels().size() == t.calls());
  CHECK(t.calls() == static_cast<std::size_t>(p->calls()));
  std::size_t combines = 0;
  for (const dd::detail::combine_step& s : t.steps()) combines += s.outs > 0;
  CHECK(combines == static_cast<std::size_t>(p->kernels()));
}

TEST_CASE("lanes that are told the same share one label") {
  std::vector<float> x(size);
  const float* const outputs[] = {x.data()};
  const auto labels = [&](const dd::grid& other) {
    const dd::shared_plan p = dd::compile(dd::heun{}, dd::fixed<dd::lanes>({levels, other}, {1, 2}), dd::v_model{}, {.own_input = true});
    dd::workspace<float> arrays(p, x, 1, {});
    return dd::step_table<float>::try_make(arrays, std::span<const float* const>(outputs)).value().labels_each();
  };
  CHECK(labels(levels) == 1);
  CHECK(labels(dd::uniform_lambda(families()[0].path, {.from = 0.7, .to = 0.02, .count = 6})) == 2);
}

TEST_CASE("a plan that has no table says why") {
  const auto refusal = [](const dd::shared_plan& p, std::size_t count) {
    std::vector<float> x(size);
    dd::workspace<float> arrays(p, x, 1, {});
    const std::vector<const float*> outputs(count, x.data());
    const auto t = dd::step_table<float>::try_make(arrays, std::span<const float* const>(outputs));
    REQUIRE_FALSE(t);
    return std::string(t.reason()->what());
  };
  const dd::v_model v;
  CHECK(refusal(dd::compile(dd::heun{}, levels, v), 1) == "step_table: evaluations of the plan read different arrays, needs a plan compiled with own_input = true");
  CHECK(refusal(dd::compile(dd::heun{}, levels, v, {.watch_state = true, .own_input = true}), 1) ==
        "step_table: the plan has 6 watchers' looks, needs none: run it with a sampler on the device");
  CHECK(refusal(dd::compile(dd::unipc{}, levels, dd::model_form<dd::v_model, dd::clip>{}, {.own_input = true}), 1) ==
        "step_table: the plan has 6 filter passes, needs none: run it with a sampler on the device");
  CHECK(refusal(dd::compile(dd::heun{}, levels, v, {.own_input = true}), 2) == "step_table: number of outputs is 2, needs 1 (one for each weight of the guidance)");
}

TEST_CASE("what a sampler refuses has no table either: element types, coefficients beyond them, and models that write nowhere") {
  const auto refusal = []<class State, class History>(const dd::shared_plan& p, std::vector<State> x, std::type_identity_t<const State*> out, History) {
    dd::workspace<State, History> arrays(p, x, 1, {});
    const auto t = dd::step_table<float>::try_make(arrays, std::span<const State* const>(&out, 1));
    return t ? std::string() : std::string(t.reason()->what());
  };
  const std::vector<float> x(size);
  const std::vector<dd::bfloat16> narrow(size);
  const dd::shared_plan good = dd::compile(dd::heun{}, levels, dd::v_model{}, {.own_input = true});
  CHECK(refusal(good, x, x.data(), 0.0F).empty());
  CHECK(refusal(good, x, nullptr, 0.0F) == "step_table: output 0 is null, needs an array of the size of x");
  CHECK(refusal(good, narrow, narrow.data(), 0.0F) ==
        "sampler: the element type of the history is float32 and that of x bfloat16, needs a plan that was compiled with own_state = true, see sampler<...>::planned");
  const dd::grid far = dd::karras(dd::edm{}, {.sigma_max = 1e39, .sigma_min = 1, .count = 3});
  CHECK(refusal(dd::compile(dd::euler{}, far, dd::eps_model{}, {.own_input = true}), x, x.data(), 0.0F).find("sampler: the largest coefficient of the plan is ") == 0);
}
