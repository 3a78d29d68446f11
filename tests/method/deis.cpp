// SPDX-License-Identifier: MIT
#include "diffode/method/deis.hpp"

#include "catch.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/euler.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

void check_same(const probe& a, const probe& b, double margin) {
  REQUIRE(a.state.size() == b.state.size());
  for (std::size_t i = 0; i < a.state.size(); ++i) {
    double size = 1;
    for (const double v : a.state[i]) size += std::abs(v);
    for (std::size_t k = 0; k < a.state[i].size(); ++k) CHECK(std::abs(a.state[i][k] - b.state[i][k]) <= margin * size);
  }
}

/// sum_j b_j t_j^degree of the last step, over alpha_t, and the size of what was added.
std::pair<double, double> moment(const step_row& step, const grid& levels, int degree) {
  double sum = 0, size = 0;
  const std::size_t last = levels.steps() - 1;
  for (std::size_t j = 0; j < step.b.size(); ++j) {
    const double power = std::pow(levels[last - j].t, degree);
    sum += step.b[j] * power, size += (std::abs(step.b[j]) + step.scale) * power;
  }
  return {sum / levels[last + 1].alpha, size / levels[last + 1].alpha};
}

}  // namespace

TEST_CASE("in log rho it is the exponential Adams method of the noise form") {
  std::mt19937 draw(51);
  for (int turn = 0; turn < 100; ++turn) {
    const grid levels = random_grid(draw, 6);
    check_same(probe(deis{.q = 1, .in = deis_in::log_rho}, levels, eps_model{}),
               probe(dpmpp_2m{.form = slope::heun, .target = prediction::eps}, levels, eps_model{}), 1e-12);
    const probe three(deis{.q = 2, .in = deis_in::log_rho, .ends = ramp::diffusers()}, levels, eps_model{});
    check_same(three, probe(dpmpp_3m{.form = slope::heun, .target = prediction::eps, .ends = ramp::diffusers()}, levels, eps_model{}), 1e-12);
    CHECK(probe(deis{.q = 0}, levels, v_model{}).state == probe(euler{}, levels, v_model{}).state);
  }
}

TEST_CASE("where time is rho, tAB is rhoAB") {
  std::mt19937 draw(52);
  std::uniform_real_distribution<double> shrink(0.3, 0.9);
  for (int turn = 0; turn < 50; ++turn) {
    std::vector<double> sigmas{20};
    for (int i = 0; i < 6; ++i) sigmas.push_back(sigmas.back() * shrink(draw));
    sigmas.push_back(0);
    const grid levels = from_sigmas(edm{}, sigmas);
    check_same(probe(deis{}, levels, x0_model{}), probe(deis{.in = deis_in::rho}, levels, x0_model{}), 1e-12);
  }
}

TEST_CASE("in time, cubics in the schedule's own time are integrated over rho: flow, in closed form") {
  // rho = t/(1-t), so that int t^k drho has the antiderivatives rho, rho - ln(1 + rho), ...: with u = 1 + rho = 1/(1-t),
  // t = 1 - 1/u and int (1 - 1/u)^k du = u, u - ln u, u - 2 ln u - 1/u, u - 3 ln u - 3/u + 1/(2 u^2).
  const auto antiderivative = [](int k, double t) {
    const double u = 1 / (1 - t), l = std::log(u);
    return k == 0 ? u : k == 1 ? u - l : k == 2 ? u - 2 * l - 1 / u : u - 3 * l - 3 / u + 0.5 / (u * u);
  };
  const grid levels = from_times(flow{}, std::vector<double>{0.97, 0.9, 0.7, 0.6, 0.2});
  for (int q = 1; q <= 3; ++q) {
    const step_row step = step_of(probe(deis{.q = q}, levels, eps_model{}), 3);
    CHECK(step.a == Approx(0.8 / 0.4).epsilon(1e-14));
    for (int k = 0; k <= q; ++k) {
      const auto [sum, size] = moment(step, levels, k);
      CHECK(std::abs(sum - (antiderivative(k, 0.2) - antiderivative(k, 0.6))) <= 1e-13 * size);
    }
  }
}

TEST_CASE("it goes to sigma = 0 in full order") {
  const grid levels = from_times(flow{}, std::vector<double>{0.8, 0.5, 0.3, 0});
  const step_row step = step_of(probe(deis{.q = 2}, levels, eps_model{}), 2);
  const double u = 1 / 0.7;
  CHECK(moment(step, levels, 0).first == Approx(1 - u).epsilon(1e-13));
  CHECK(moment(step, levels, 1).first == Approx(1 - (u - std::log(u))).epsilon(1e-12));
  const double second = (1 - 0 - 1) - (u - 2 * std::log(u) - 1 / u);
  CHECK(std::abs(moment(step, levels, 2).first - second) <= 1e-13 * moment(step, levels, 2).second);
}

TEST_CASE("on a table, whose time has a kink at every entry, the integrals are as exact") {
  // Between entries ln rho is linear in the index n: n = n_j + (lambda - lambda_j)/m_j, so that
  // int n drho = [n rho] + [rho]/(slope of n over ln rho), piece by piece.
  const noise_path path = discrete_from({});
  for (const double to : {600.5, 437.0, 123.25}) {
    const grid levels = from_times(path, std::vector<double>{900, 800.7, to});
    const step_row step = step_of(probe(deis{.q = 1}, levels, eps_model{}), 1);
    long double first = 0;
    for (double n = 800.7; n > to;) {
      const double next = std::fmax(to, std::ceil(n) - 1);
      const long double a = std::log(static_cast<long double>(rho(path.at(n)))), b = std::log(static_cast<long double>(rho(path.at(next))));
      const long double slope = (static_cast<long double>(next) - static_cast<long double>(n)) / (b - a);
      first += static_cast<long double>(next) * std::exp(b) - static_cast<long double>(n) * std::exp(a) - slope * (std::exp(b) - std::exp(a));
      n = next;
    }
    CHECK(moment(step, levels, 0).first == Approx(rho(path.at(to)) - rho(path.at(800.7))).epsilon(1e-13));
    CHECK(std::abs(moment(step, levels, 1).first - static_cast<double>(first)) <= 2e-13 * moment(step, levels, 1).second);
  }
}

TEST_CASE("the sums of the references are off by 1e-4, each in its own way") {
  const grid levels = from_times(vp_linear{}, std::vector<double>{0.9, 0.7, 0.5, 0.3});
  const row exact = step_of(probe(deis{.q = 2}, levels, eps_model{}), 2).b;
  const row left = step_of(probe(deis{.q = 2, .sum = deis_sum::left_10000}, levels, eps_model{}), 2).b;
  const row closed = step_of(probe(deis{.q = 2, .sum = deis_sum::inclusive_10000}, levels, eps_model{}), 2).b;
  double off_left = 0, off_closed = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(left[j] == Approx(exact[j]).epsilon(1e-3));
    CHECK(closed[j] == Approx(exact[j]).epsilon(1e-3));
    off_left = std::fmax(off_left, std::abs(left[j] / exact[j] - 1)), off_closed = std::fmax(off_closed, std::abs(closed[j] / exact[j] - 1));
  }
  CHECK(off_left > 1e-5);
  CHECK(off_closed > 1e-5);
  // A first step has nothing to interpolate: exact, but for the reference that sums there too.
  const auto first_step = [&](deis_sum sum) { return step_of(probe(deis{.q = 0, .sum = sum}, levels, eps_model{}), 0).b[0]; };
  const double whole = levels[1].alpha * (rho(levels[1]) - rho(levels[0]));
  CHECK(first_step(deis_sum::exact) == Approx(whole).epsilon(1e-13));
  CHECK(first_step(deis_sum::inclusive_10000) == Approx(whole).epsilon(1e-13));
  CHECK(first_step(deis_sum::left_10000) != Approx(whole).epsilon(1e-5));
}

TEST_CASE("from alpha = 0 it takes an Euler step; in time the evaluation there counts later") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.7, 0.4});
  for (const deis_in in : {deis_in::time, deis_in::rho, deis_in::log_rho})
    CHECK(probe(deis{.in = in}, levels, v_model{}).state[1] == probe(euler{}, levels, v_model{}).state[1]);
  CHECK(probe(deis{}, levels, v_model{}).state[2] != probe(euler{}, levels, v_model{}).state[2]);
}

TEST_CASE("samples from end to end are refused where the last has no weight, but for an Euler step") {
  const auto why = [](const std::vector<double>& times) {
    const auto made = try_compile(deis{.sum = deis_sum::inclusive_10000}, from_times(vp_linear{}, times), eps_model{});
    return std::string(made ? "" : made.reason()->what());
  };
  CHECK(why({1, 0}).empty());
  CHECK(why({1, 0.5, 0}) == "deis: sum is deis_sum::inclusive_10000 on a step to sigma = 0, needs another: the last sample, at its end, has no weight there");
}

TEST_CASE("deis refuses what it does not have") {
  CHECK(deis{.q = 4}.check()->what() == std::string("deis: q is 4, needs 0 to 3"));
  CHECK(deis{.q = -1}.check()->what() == std::string("deis: q is -1, needs 0 to 3"));
  CHECK(deis{.in = deis_in::rho, .sum = deis_sum::left_10000}.check()->what() ==
        std::string("deis: sum is not deis_sum::exact, needs it where `in` is not deis_in::time: nothing is summed"));
  CHECK(deis{.q = 1, .ends = ramp::given({3})}.check()->what() == std::string("deis: ramp.orders[0] is 3, needs 1 to 2"));
}
