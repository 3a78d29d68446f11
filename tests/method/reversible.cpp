// SPDX-License-Identifier: MIT
#include "diffode/method/reversible.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "conformance/runs.hpp"
#include "diffode/grid/reversed.hpp"
#include "diffode/method/churn.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/lcm.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/run/sampler.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

/// The state and its partner, which lies first in the memory that the runs share.
struct pair_of_states {
  std::vector<double> x, memory;
  explicit pair_of_states(std::vector<double> start) : x(std::move(start)), memory(8 * ((x.size() + 7) / 8 * 8)) {}  // whole cache lines
  std::vector<double> partner() const { return {memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(x.size())}; }
};

template <class M>
void travel(const M& how, const dd::grid& levels, pair_of_states& s, bool with_partner, const answer_to<double>& net) {
  dd::sampler<double> run(dd::compile(how, levels, dd::eps_model{}), s.x,
                          {.memory = std::as_writable_bytes(std::span(s.memory)), .partner_in_memory = with_partner});
  finish<decltype(run), double>(run, net, s.x.size());
  CHECK(run.partner().data() == s.memory.data());
}

double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::fmax(most, std::abs(a[i] - b[i]) / (1 + std::abs(b[i])));
  return most;
}

/// Inverts an image to noise and samples from there; how far from the image it ends, with the partner or without it.
template <class M>
double round_trip(const M& how, const family& f, int steps, const answer_to<double>& net) {
  const std::vector<double> image{-1.3, -0.4, 0.2, 0.7, 1.6};
  pair_of_states s(image);
  const dd::grid down = f.uniform(steps);
  travel(how, dd::reversed(down), s, false, net);
  CHECK(apart(s.x, image) > 0.1);  // it went somewhere
  travel(how, down, s, true, net);
  return std::fmax(apart(s.x, image), apart(s.partner(), image));
}

}  // namespace

TEST_CASE("inversion and sampling come back to the image, to rounding, in any number of steps and with any model") {
  // A model that these steps do not resolve: exactness owes nothing to accuracy. (Rounding grows with every step by how
  // much the model stretches, here by up to 10, so the number of steps is limited.)
  const answer_to<double> wild = [](const dd::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::sin(10 * call.x[i] / (1 + call.at.sigma) + 5 * call.at.lambda);
  };
  for (const family& f : families())
    for (const int steps : {1, 2, 5, 20}) {
      INFO(f.name << ", " << steps << " steps");
      CHECK(round_trip(dd::reversible<dd::heun>{}, f, steps, scalar_truth(told::eps)) < 1e-10);
      CHECK(round_trip(dd::reversible<dd::euler>{}, f, steps, scalar_truth(told::eps)) < 1e-10);
      CHECK(round_trip(dd::reversible<dd::singlestep>{{.p = 3}}, f, steps, scalar_truth(told::eps)) < 1e-10);
      if (steps <= 2) CHECK(round_trip(dd::reversible<dd::heun>{.coupling = 0.9}, f, steps, wild) < 1e-8);
    }
}

TEST_CASE("the same method without a partner comes back only as well as its steps are small") {
  const family f = families()[0];
  const auto off = [&](int steps) {
    const dd::grid down = f.uniform(steps);
    const std::vector<double> image{-1.3, -0.4, 0.2, 0.7, 1.6};
    const std::vector<double> noise = run(dd::compile(dd::heun{}, dd::reversed(down), dd::eps_model{}), image, scalar_truth(told::eps));
    return apart(run(dd::compile(dd::heun{}, down, dd::eps_model{}), noise, scalar_truth(told::eps)), image);
  };
  CHECK(off(20) > 1e-4);
  CHECK(off(40) < off(20) / 2.5);
}

TEST_CASE("full coupling and a method that undoes itself leave the pair together") {
  // For constant x0 every step is exact, so both states are that method's own.
  const family f = families()[0];
  const answer_to<double> still = [](const dd::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (call.x[i] - call.at.alpha * 0.3) / call.at.sigma;
  };
  pair_of_states s({-1.0, 0.5, 2.0});
  std::vector<double> alone = s.x;
  const dd::grid down = f.uniform(7);
  travel(dd::reversible<dd::euler>{}, down, s, false, still);
  alone = run(dd::compile(dd::euler{}, down, dd::eps_model{}), alone, still);
  CHECK(apart(s.x, alone) < 1e-14);
  CHECK(apart(s.partner(), alone) < 1e-14);
}

TEST_CASE("evaluations are twice those of the method, and the plan keeps the partner in slot 1") {
  const dd::plan p = dd::compile(dd::reversible<dd::heun>{}, families()[0].uniform(10), dd::eps_model{});
  CHECK(p.calls() == 40);
  CHECK(p.kernels() == 40);
  CHECK(p.paired());
  CHECK(p.slots() == 4);
  CHECK_FALSE(dd::compile(dd::heun{}, families()[0].uniform(10), dd::eps_model{}).paired());
}

TEST_CASE("restart begins with partners together, unless the partner came in memory") {
  const dd::grid down = families()[0].uniform(3);
  const std::vector<double> start{-1, 0.4};
  std::vector<double> x = start;
  dd::sampler<double> s(dd::compile(dd::reversible<dd::heun>{}, down, dd::eps_model{}), x);
  const answer_to<double> net = scalar_truth(told::eps);
  finish<decltype(s), double>(s, net, x.size());
  const std::vector<double> first = x;
  x = start;
  s.restart();
  finish<decltype(s), double>(s, net, x.size());
  CHECK(x == first);
}

TEST_CASE("a step to sigma = 0 is the method's own, and can not be undone") {
  const family f = families()[1];
  const dd::grid down = f.uniform_to_zero(4);
  pair_of_states s({0.5 * f.from});
  travel(dd::reversible<dd::euler>{}, down, s, false, scalar_truth(told::eps));
  CHECK(s.x == s.partner());
  const auto back = dd::try_compile(dd::reversible<dd::euler>{}, dd::reversed(down), dd::eps_model{});
  REQUIRE_FALSE(back);
  CHECK(std::string(back.reason()->what()).find("reversible: a step from sigma = 0 or to alpha = 0 can not be undone") == 0);
}

TEST_CASE("what can not be reversed is refused") {
  const dd::grid down = families()[0].uniform(3);
  const auto message = [&](const auto& how) { return std::string(dd::try_compile(how, down, dd::eps_model{}).reason()->what()); };
  CHECK(message(dd::reversible<dd::dpmpp_2m>{}) == "reversible: dpmpp_2m remembers 1 evaluations, needs a method that remembers none");
  CHECK(message(dd::reversible<dd::heun>{.coupling = 0}) == "reversible: coupling is 0, needs a number above 0, at most 1");
  CHECK(message(dd::reversible<dd::ddim>{{.eta = 1}}).find("reversible: ") == 0);
  CHECK(message(dd::reversible<dd::churn<dd::heun>>{}) == "reversible: churn draws noise, which no step can undo, needs a deterministic method");
  CHECK(message(dd::reversible<dd::lcm>{}) == "reversible: lcm draws noise, which no step can undo, needs a deterministic method");
  std::vector<double> x(4), memory(40);
  const dd::shared_plan plain = dd::compile(dd::heun{}, down, dd::eps_model{});
  const auto made = dd::sampler<double>::try_make(plain, x, {.memory = std::as_writable_bytes(std::span(memory)), .partner_in_memory = true});
  REQUIRE_FALSE(made);
  CHECK(std::string(made.reason()->what()) == "sampler: partner_in_memory is true, needs a method with a second state, and memory: heun has none");
}

TEST_CASE("a partner that the caller gives is taken, however the run is made") {
  const dd::grid down = families()[0].uniform(3);
  const answer_to<double> net = scalar_truth(told::eps);
  pair_of_states planned({-1, 0.4}), direct = planned;
  planned.memory[0] = direct.memory[0] = 1.1, planned.memory[1] = direct.memory[1] = -0.3;
  travel(dd::reversible<dd::heun>{}, down, planned, true, net);
  dd::sampler s(dd::reversible<dd::heun>{}, down, dd::eps_model{}, direct.x, {.memory = std::as_writable_bytes(std::span(direct.memory)), .partner_in_memory = true});
  finish<decltype(s), double>(s, net, direct.x.size());
  CHECK(direct.x == planned.x);
  CHECK(direct.partner() == planned.partner());
  travel(dd::reversible<dd::heun>{}, down, planned = pair_of_states({-1, 0.4}), false, net);
  CHECK(direct.x != planned.x);
}

TEST_CASE("lanes that go different ways, and first predictions that could not be undone, are refused") {
  const dd::grid down = families()[0].uniform(3);
  const dd::fixed<dd::lanes> crossing({down, dd::reversed(down)}, {.stride = 1, .count = 2});
  const auto message = [](const dd::result<dd::plan>& made) { return std::string(made ? "accepted" : made.reason()->what()); };
  CHECK(message(dd::try_compile(dd::reversible<dd::heun>{}, crossing, dd::eps_model{})) ==
        "fixed: grid 1 goes from data to noise, needs the direction of grid 0: inversion and sampling are runs of their own");
  CHECK(message(dd::try_compile(dd::reversible<dd::heun>{}, down, dd::eps_model{}, {.analytical_first = true})).find("compile: analytical_first is true, needs false") == 0);
  CHECK(message(dd::try_compile(dd::ddim{}, dd::reversed(down), dd::eps_model{}, {.analytical_first = true})).find("compile: analytical_first is true, needs false") == 0);
}

TEST_CASE("inversion of a run that draws noise is refused with the reason, and taken where no noise counts") {
  const dd::grid up = dd::reversed(families()[0].uniform(3));
  const auto made = dd::try_compile(dd::ddim{.eta = 0.5}, up, dd::eps_model{});
  REQUIRE_FALSE(made);
  CHECK(dd::try_compile(dd::ddim{}, up, dd::eps_model{}));
}
