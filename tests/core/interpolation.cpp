// SPDX-License-Identifier: MIT
#include "diffode/core/interpolation.hpp"

#include "catch.hpp"
#include "diffode/core/phi.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

using namespace diffode;

namespace {

using numbers = std::vector<double>;

/// int s^k dw over one step of length h: exponential in the data form, exponential in the noise form, or plain.
enum class measure { data, noise, plain };
numbers moments(measure m, double h, int count) {
  numbers r;
  double factorial = 1, power = h;
  for (int k = 0; k < count; ++k, power *= h) {
    if (k > 0) factorial *= k;
    r.push_back(m == measure::plain ? power / (k + 1)
                                    : factorial * power * phi(k + 1, m == measure::data ? -h : h));
  }
  return r;
}

struct geometry {
  numbers moments, d;
  double h;
};
/// Steps of length 1e-3 to 10 in either direction, past steps from 100 times shorter to 100 times longer.
geometry random_geometry(std::mt19937_64& random, int nodes) {
  const auto uniform = [&](double a, double b) {
    return std::uniform_real_distribution<double>(a, b)(random);
  };
  const double h = std::pow(10., uniform(-3, 1)) * (random() % 2 == 0 ? 1 : -1);
  numbers d{0};
  for (int k = 1; k < nodes; ++k) d.push_back(d.back() + h * std::pow(10., uniform(-2, 2)));
  return {moments(static_cast<measure>(random() % 3), h, nodes + 1), d, h};
}

/// Weights by multiplying out each Lagrange polynomial in long double and integrating it: another route.
std::vector<long double> in_long_double(const numbers& moments, const numbers& offsets) {
  std::vector<long double> w;
  for (std::size_t j = 0; j < offsets.size(); ++j) {
    std::vector<long double> p{1};
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (i == j) continue;
      const long double apart = static_cast<long double>(offsets[j]) - static_cast<long double>(offsets[i]);
      p.push_back(0);
      for (std::size_t m = p.size(); m-- > 0;)
        p[m] = ((m > 0 ? p[m - 1] : 0) - static_cast<long double>(offsets[i]) * p[m]) / apart;
    }
    w.push_back(0);
    for (std::size_t m = 0; m < p.size(); ++m) w.back() += p[m] * static_cast<long double>(moments[m]);
  }
  return w;
}

numbers offsets(const geometry& g) {
  numbers s;
  for (const double d : g.d) s.push_back(-d);
  return s;
}

void check_row(std::span<const double> w, const numbers& expected) {
  REQUIRE(w.size() >= expected.size());
  for (std::size_t j = 0; j < expected.size(); ++j) CHECK(w[j] == Approx(expected[j]).epsilon(1e-14));
  for (std::size_t j = expected.size(); j < w.size(); ++j) CHECK(w[j] == 0);
}

constexpr double h = 0.5;
const numbers past{0, 0.4, 1.1};  // h, d1, d2 of the published rows below

node_weights<double> explicit_row(measure m, std::size_t nodes) {
  return interpolation_weights<double>(moments(m, h, 6), std::span(past).first(nodes));
}
numbers implicit_row(measure m, std::size_t nodes) {
  const auto w = interpolation_weights_implicit<double>(moments(m, h, 6), std::span(past).first(nodes), h);
  numbers r{w.at_target};
  r.insert(r.end(), w.at_node.begin(), w.at_node.end());
  return r;
}

}  // namespace

TEST_CASE("explicit weights give the rows of DPM-Solver 2M and 3M and of UniP") {
  check_row(explicit_row(measure::data, 1), {0.3934693402873664});
  check_row(explicit_row(measure::noise, 1), {0.6487212707001281});
  check_row(explicit_row(measure::data, 2), {0.6597959895689499, -0.2663266492815835});
  check_row(explicit_row(measure::noise, 2), {1.020524447450448, -0.3718031767503203});
  check_row(explicit_row(measure::data, 3), {0.8405935906139194, -0.5504371652093926, 0.1033129148828396});
  check_row(explicit_row(measure::noise, 3), {1.263549560360238, -0.7536997827514187, 0.1388714930913085});
}

TEST_CASE("implicit weights give the rows of UniC") {
  check_row(implicit_row(measure::data, 1), {0.2130613194252668, 0.3934693402873664 - 0.2130613194252668});
  check_row(implicit_row(measure::data, 2), {0.1767798765773034, 0.2620412672700173, -0.0453518035599543});
  check_row(implicit_row(measure::noise, 2), {0.2376245548451279, 0.4858691990489108, -0.0747724831939105});
  check_row(implicit_row(measure::data, 3),
            {0.1617575964048041, 0.3112050932891059, -0.08827260405280929, 0.008779254646265791});
  check_row(implicit_row(measure::noise, 3),
            {0.2137899936239024, 0.5638732175911032, -0.1428712295402691, 0.01392928902539151});
}

TEST_CASE("explicit weights give the rows of the stochastic data form") {
  // With noise tau = 1 the measure is a e^(a (s - h)) ds with a = 1 + tau^2: I_k = k! a h^(k+1) phi_(k+1)(-a h).
  const double a = 2;
  const numbers m{a * h * phi(1, -a * h), a * h * h * phi(2, -a * h), 2 * a * h * h * h * phi(3, -a * h)};
  const auto row = [&](std::size_t nodes) {
    return interpolation_weights<double>(m, std::span(past).first(nodes));
  };
  check_row(row(1), {0.6321205588285577});
  check_row(row(2), {1.091969860292861, -0.4598493014643029});
  check_row(row(3), {1.409324786766877, -0.9585499002091861, 0.1813456722708666});
}

TEST_CASE("explicit weights give the rows of linear multistep on falling noise levels") {
  // Noise levels 10, 6, 3.5, 2 behind us, going from 2 to 1.2.
  const numbers m = moments(measure::plain, 1.2 - 2, 4), d{0, 2 - 3.5, 2 - 6, 2 - 10};
  const auto row = [&](std::size_t nodes) {
    return interpolation_weights<double>(m, std::span(d).first(nodes));
  };
  check_row(row(2), {-1.013333333333333, 0.2133333333333333});
  check_row(row(3), {-1.121777777777778, 0.3868444444444444, -0.06506666666666667});
  check_row(row(4), {-1.183466666666667, 0.5083241025641026, -0.1390933333333333, 0.01423589743589744});
}

TEST_CASE("with equal spacing the weights are those of Adams-Bashforth and Adams-Moulton") {
  const numbers m = moments(measure::plain, 1, 6), d{0, 1, 2, 3, 4};
  check_row(interpolation_weights<double>(m, d),
            {1901. / 720, -2774. / 720, 2616. / 720, -1274. / 720, 251. / 720});
  const auto moulton = interpolation_weights_implicit<double>(m, std::span(d).first(3), 1);
  CHECK(moulton.at_target == Approx(9. / 24).epsilon(1e-15));
  check_row(moulton.at_node, {19. / 24, -5. / 24, 1. / 24});
}

TEST_CASE("a short exponential step tends to the Adams step") {
  for (const double step : {1e-6, 1e-12, 1e-60}) {
    const numbers d{0, step, 2 * step};
    const numbers soft = moments(measure::data, step, 4), plain = moments(measure::plain, step, 4);
    const auto a = interpolation_weights<double>(soft, d), b = interpolation_weights<double>(plain, d);
    const auto ai = interpolation_weights_implicit<double>(soft, d, step);
    const auto bi = interpolation_weights_implicit<double>(plain, d, step);
    // Both measures differ by a relative step/2 or so; 4 leaves room for the alternating rows.
    CHECK(ai.at_target == Approx(bi.at_target).epsilon(4 * step + 1e-14));
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK(a[j] == Approx(b[j]).epsilon(4 * step + 1e-14));
      CHECK(ai.at_node[j] == Approx(bi.at_node[j]).epsilon(4 * step + 1e-14));
    }
  }
}

TEST_CASE("a step of length zero has weights zero") {
  const numbers zero(6, 0.0), d{0, 0.4, 1.1};
  check_row(interpolation_weights<double>(zero, d), {0, 0, 0});
  const auto w = interpolation_weights_implicit<double>(zero, d, 0);
  CHECK(w.at_target == 0);
  check_row(w.at_node, {0, 0, 0});
}

TEST_CASE("an infinitely distant oldest node is as good as absent") {
  const double far = std::numeric_limits<double>::infinity();
  const numbers m = moments(measure::data, h, 4), with{0, 0.4, far}, without{0, 0.4};
  CHECK(interpolation_weights<double>(m, with) == interpolation_weights<double>(m, without));
  const auto a = interpolation_weights_implicit<double>(m, with, h);
  const auto b = interpolation_weights_implicit<double>(m, without, h);
  CHECK(a.at_target == b.at_target);
  CHECK(a.at_node == b.at_node);
}

TEST_CASE("weights integrate polynomials exactly on random nodes") {
  // Each weight is right to about 30 roundings (next test), so the sum is right to that times the size of its terms:
  // 1e-13 of the sum of |w_j s_j^q| is generous, and far below the error of a lost digit.
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 5000; ++trial) {
    const int nodes = 1 + trial % max_nodes;
    const geometry g = random_geometry(random, nodes);
    const auto e = interpolation_weights<double>(g.moments, g.d);
    const auto i = interpolation_weights_implicit<double>(g.moments, g.d, g.h);
    for (int q = 0; q <= nodes; ++q) {
      const double moment = g.moments[static_cast<std::size_t>(q)], target = i.at_target * std::pow(g.h, q);
      double sum = 0, size = 0, sum_implicit = target, size_implicit = std::abs(target);
      for (std::size_t j = 0; j < g.d.size(); ++j) {
        const double power = std::pow(-g.d[j], q);
        sum += e[j] * power, size += std::abs(e[j] * power);
        sum_implicit += i.at_node[j] * power, size_implicit += std::abs(i.at_node[j] * power);
      }
      INFO("trial " << trial << ", degree " << q << ", h " << g.h);
      if (q < nodes) CHECK(std::abs(sum - moment) <= 1e-13 * size);
      CHECK(std::abs(sum_implicit - moment) <= 1e-13 * size_implicit);
    }
  }
}

TEST_CASE("each weight keeps its relative accuracy, however uneven the nodes") {
  // Up to 10 factors and sums, none of which cancels: 32 eps. Implicit weights start from h I_k - I_(k+1), which
  // keeps at least 1/(k+2) of its terms for these measures: four times that.
  const double eps = std::numeric_limits<double>::epsilon();
  std::mt19937_64 random(2);
  double worst = 0, worst_implicit = 0;
  const auto off = [](double w, long double exact) {
    return static_cast<double>(std::abs((static_cast<long double>(w) - exact) / exact));
  };
  for (int trial = 0; trial < 5000; ++trial) {
    const geometry g = random_geometry(random, 1 + trial % max_nodes);
    numbers s = offsets(g);
    const auto e = interpolation_weights<double>(g.moments, g.d);
    const auto exact = in_long_double(g.moments, s);
    for (std::size_t j = 0; j < s.size(); ++j) worst = std::fmax(worst, off(e[j], exact[j]));
    s.push_back(g.h);
    const auto i = interpolation_weights_implicit<double>(g.moments, g.d, g.h);
    const auto exact_implicit = in_long_double(g.moments, s);
    worst_implicit = std::fmax(worst_implicit, off(i.at_target, exact_implicit.back()));
    for (std::size_t j = 0; j < g.d.size(); ++j)
      worst_implicit = std::fmax(worst_implicit, off(i.at_node[j], exact_implicit[j]));
  }
  INFO("explicit " << worst << ", implicit " << worst_implicit);
  CHECK(worst <= 32 * eps);
  CHECK(worst_implicit <= 128 * eps);
}

TEST_CASE("weights of lanes are the weights of each lane, bit for bit") {
  constexpr std::size_t count = 64;
  std::mt19937_64 random(3);
  for (int nodes = 1; nodes <= max_nodes; ++nodes) {
    std::vector<geometry> each;
    for (std::size_t l = 0; l < count; ++l) each.push_back(random_geometry(random, nodes));
    each[7].h = 0, each[7].moments.assign(each[7].moments.size(), 0.0);  // one lane stands still
    const auto column = [&](auto pick) {
      numbers c;
      for (const geometry& g : each) c.push_back(pick(g));
      return lanes(c);
    };
    std::vector<lanes> m, d;
    for (std::size_t k = 0; k < each[0].moments.size(); ++k)
      m.push_back(column([&](auto& g) { return g.moments[k]; }));
    d.push_back(lanes(0));  // a single value among many
    for (std::size_t k = 1; k < each[0].d.size(); ++k) d.push_back(column([&](auto& g) { return g.d[k]; }));
    const auto e = interpolation_weights<lanes>(m, d);
    const auto i = interpolation_weights_implicit<lanes>(m, d, column([](auto& g) { return g.h; }));
    for (std::size_t l = 0; l < count; ++l) {
      const auto el = interpolation_weights<double>(each[l].moments, each[l].d);
      const auto il = interpolation_weights_implicit<double>(each[l].moments, each[l].d, each[l].h);
      CHECK(i.at_target[l] == il.at_target);
      for (std::size_t j = 0; j < max_nodes; ++j) {
        CHECK(e[j][l] == el[j]);
        CHECK(i.at_node[j][l] == il.at_node[j]);
      }
    }
  }
}

TEST_CASE("a divided difference is the leading coefficient of the polynomial through the points") {
  const numbers x{1, -2, 0.5, 4, 3, -1};
  for (std::size_t n = 1; n <= x.size(); ++n) {
    const auto f = [&](double at) { return 3 * std::pow(at, static_cast<double>(n - 1)) + (n > 1 ? 7 : 0); };
    numbers values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(f(x[i]));
    // Values up to 3 * 4^5 over distances of 0.5 and more, five times: 1e-11 would be safe, 1e-13 is what it does.
    CHECK(divided_difference<double>(std::span(x).first(n), values) == Approx(3).epsilon(1e-13));
  }
}

TEST_CASE(
    "a divided difference of lanes is that of each lane, and does not depend on the order of the points") {
  const std::vector<lanes> x{lanes(numbers{0, 1}), lanes(numbers{1, 3}), lanes(2.5)};
  const std::vector<lanes> f{lanes(numbers{1, 2}), lanes(numbers{4, -1}), lanes(numbers{9, 0.5})};
  const lanes joint = divided_difference<lanes>(x, f);
  for (std::size_t l = 0; l < 2; ++l) {
    const numbers xs{x[0][l], x[1][l], x[2][l]}, fs{f[0][l], f[1][l], f[2][l]};
    CHECK(joint[l] == divided_difference<double>(xs, fs));
    const numbers xr{xs[2], xs[0], xs[1]}, fr{fs[2], fs[0], fs[1]};
    CHECK(joint[l] == Approx(divided_difference<double>(xr, fr)).epsilon(1e-14));
  }
}
