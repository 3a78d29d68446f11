// SPDX-License-Identifier: MIT
#include "diffode/model/guidance.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/told.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

const family vp = families()[0];
const dd::grid levels = vp.uniform(8);
const std::vector<double> start{-0.8, 0.1, 1.2};

/// Three models: data as they are, moved, and as they would be with half the signal.
double output(told what, double x, const dd::level<>& at, int which) {
  mixture data;
  for (auto& part : data.parts) part.mean = which == 2 ? part.mean / 2 : part.mean + which;
  return returned(what, data.at(x, at), at);
}

template <class M>
std::vector<double> guided_run(const M& how, told what, const dd::guidance& mix) {
  std::vector<double> x = start;
  dd::sample(how, levels, dd::guided(dd::model_of(told_model{what}, [=](std::span<const double> in, const dd::level<>& at, std::span<double> out, int which) {
               for (std::size_t i = 0; i < in.size(); ++i) out[i] = output(what, in[i], at, which);
             }), mix), x);
  return x;
}

/// The same, mixed by hand in the model.
template <class M>
std::vector<double> mixed_run(const M& how, told what, const dd::guidance& mix) {
  std::vector<double> x = start;
  dd::sample(how, levels, dd::model_of(told_model{what}, [=](std::span<const double> in, const dd::level<>& at, std::span<double> out) {
               const bool inside = mix.from_lambda <= at.lambda && at.lambda <= mix.to_lambda;
               for (std::size_t i = 0; i < in.size(); ++i) {
                 out[i] = 0;
                 for (int k = 0; k < mix.outputs; ++k) out[i] += (inside ? mix.weight[static_cast<std::size_t>(k)] : k == 0) * output(what, in[i], at, k);
               }
             }), x);
  return x;
}

template <class M>
void check_mix(const M& how, const dd::guidance& mix) {
  for (const told what : every_told) {
    const std::vector<double> a = guided_run(how, what, mix), b = mixed_run(how, what, mix);
    INFO(M::name << " with " << name(what));
    // Rounding: weights up to 7, and 1/alpha = 25 at the start for eps, in 8 steps.
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 1e-12);
  }
}

}  // namespace

TEST_CASE("guidance is the mix of the outputs, made by hand") {
  for (const dd::guidance& mix : {dd::classifier_free(3), dd::classifier_free(0), dd::guidance{.outputs = 3, .weight = {7, -4, -2}}}) {
    check_mix(dd::ddim{}, mix);
    check_mix(dd::unipc{.p = 3}, mix);
  }
}

TEST_CASE("guidance in an interval is the mix there and output 0 elsewhere") {
  dd::guidance mix = dd::classifier_free(4);
  mix.from_lambda = levels[3].lambda;
  mix.to_lambda = levels[5].lambda;
  check_mix(dd::ddim{}, mix);
  check_mix(dd::unipc{}, mix);
  // Both ends belong to the interval.
  const dd::plan p = dd::compile(dd::ddim{}, levels, dd::guided(dd::eps_model{}, mix));
  for (int k = 0; k < 8; ++k) CHECK(p.call(k).outputs == (k >= 3 && k <= 5 ? 3u : 1u));
}

TEST_CASE("outputs that are not wanted are neither called nor needed") {
  dd::guidance mix = dd::classifier_free(4);
  mix.from_lambda = levels[6].lambda;
  std::vector<double> x = start, y = start, out(3), other(3);
  int asked[2] = {0, 0};
  dd::sample(dd::ddim{}, levels, dd::guided(dd::eps([&](std::span<const double> in, const dd::level<>& at, std::span<double> o, int which) {
               ++asked[which];
               for (std::size_t i = 0; i < in.size(); ++i) o[i] = output(told::eps, in[i], at, which);
             }), mix), x);
  CHECK(asked[0] == 8);
  CHECK(asked[1] == 2);
  dd::sampler s(dd::ddim{}, levels, dd::guided(dd::eps_model{}, mix), y);
  while (const auto call = s.next()) {
    CHECK(call->wants(0));
    CHECK(call->wants(1) == (call->index >= 6));
    for (std::size_t i = 0; i < 3; ++i) out[i] = output(told::eps, call->x[i], call->at, 0), other[i] = output(told::eps, call->x[i], call->at, 1);
    if (call->wants(1)) s.feed({out, other});
    else s.feed({out, {}});
  }
  CHECK(x == y);
}

TEST_CASE("scale 1 is no guidance and asks for one output only; scale 0 asks for the other") {
  const dd::plan one = dd::compile(dd::ddim{}, levels, dd::guided(dd::v_model{}, dd::classifier_free(1)));
  const dd::plan none = dd::compile(dd::ddim{}, levels, dd::guided(dd::v_model{}, dd::classifier_free(0)));
  for (int k = 0; k < 8; ++k) {
    CHECK(one.call(k).outputs == 1u);
    CHECK(none.call(k).outputs == 2u);
  }
  CHECK(guided_run(dd::ddim{}, told::v, dd::classifier_free(1)) == mixed_run(dd::ddim{}, told::v, {}));
}

TEST_CASE("guidance adds no pass over the state and no array") {
  const dd::plan alone = dd::compile(dd::unipc{}, levels, dd::v_model{}), p = dd::compile(dd::unipc{}, levels, dd::guided(dd::v_model{}, dd::classifier_free(3)));
  CHECK(p.kernels() == alone.kernels());
  CHECK(p.slots() == alone.slots());
  CHECK(p.model_outputs() == 2);
}

TEST_CASE("in lanes an output is asked for as long as one lane wants it, and each lane mixes as it should") {
  dd::guidance mix = dd::classifier_free(4);
  mix.to_lambda = levels[2].lambda;
  const dd::grid late = family{"VP", dd::vp_linear{}, 0.4, 0.01}.uniform(8);
  REQUIRE(late[0].lambda > mix.to_lambda);
  const auto form = dd::guided(dd::v_model{}, mix);
  const dd::plan p = dd::compile(dd::ddim{}, dd::fixed<dd::lanes>({levels, late}, {.stride = 1, .count = 2}), form);
  for (int k = 0; k < 8; ++k) CHECK(p.call(k).outputs == (k <= 2 ? 3u : 1u));
  std::vector<double> x{0.3, 0.4}, out(2), other(2);
  dd::sampler<double> s(p, x);
  while (const auto call = s.next()) {
    for (std::size_t i = 0; i < 2; ++i) out[i] = output(told::v, call->x[i], call->levels[i], 0), other[i] = output(told::v, call->x[i], call->levels[i], 1);
    s.feed({out, other});
  }
  const auto alone = [&](const dd::grid& g, double value) {
    std::vector<double> y{value};
    dd::sample(dd::ddim{}, g, dd::guided(dd::v([](std::span<const double> in, const dd::level<>& at, std::span<double> o, int which) { o[0] = output(told::v, in[0], at, which); }), mix), y);
    return y[0];
  };
  CHECK(std::abs(x[0] - alone(levels, 0.3)) < 1e-14);
  CHECK(std::abs(x[1] - alone(late, 0.4)) < 1e-14);
}
