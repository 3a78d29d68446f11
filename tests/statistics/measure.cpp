// SPDX-License-Identifier: MIT
#include "diffode/statistics/measure.hpp"

#include "catch.hpp"
#include "diffode/statistics/finish.hpp"
#include "effort.hpp"
#include "statistics/two_normals.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

/// Data of independent normals, and their perfect model.
struct normals {
  std::array<double, 3> mean{0, 0, 0}, deviation{0.5, 1, 2};

  void operator()(std::uint32_t k, std::span<double> x0) const {
    philox{.seed = 5}.fill(k, 0, 0, x0);
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] = mean[i] + deviation[i] * x0[i];
  }
  auto net() const {
    return [*this](std::span<const double> x, const statistics_call& call, std::span<double> out) {
      const by_lambda path;
      const double a = path.alpha(call.at.label), s = path.sigma(call.at.label);
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = s * (x[i] - a * mean[i % 3]) / (a * a * deviation[i % 3] * deviation[i % 3] + s * s);
    };
  }
  auto model() const { return differences(by_lambda{}, eps_model{}, net()); }
};

std::vector<statistics_cell> total(const statistics_options& o, const statistics_shard& only = {}) {
  const two_normals_model m;
  statistics_sums sums = statistics_sums::make(o);
  measure(sums, m, m.model(), only);
  return sums.try_total().value();
}

bool same(const std::vector<statistics_cell>& a, const std::vector<statistics_cell>& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    if (a[k].of != b[k].of) return false;
  return a.size() == b.size();
}

constexpr statistics_options few{.from = -3, .to = 3, .steps = 6, .samples = 50, .block = 8, .seed = 3};

}  // namespace

TEST_CASE("of normal data every element has the statistics of the closed form") {
  const normals data{.mean = {0.3, -0.2, 1}};
  const statistics_options o{.from = -1, .to = 1, .steps = 200, .elements = 3, .columns = 3, .samples = 1000};
  statistics_sums sums = statistics_sums::make(o);
  CHECK(measure(sums, data, data.model()));
  const finished_statistics all = finish(sums, {.smooth_l = 0});
  CHECK(all.flat == all.l.size());  // f does not vary
  CHECK(all.clipped == 0);
  for (std::size_t i = 0; i < all.lambda.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) {
      const double c = data.deviation[k], l = 1 / (1 + c * c * std::exp(2 * all.lambda[i]));
      CHECK(std::abs(all.l[i * 3 + k] - l) < 1e-9);  // the error of differences
      CHECK(all.s[i * 3 + k] == 0);
      // b = 2 l (1 - l) mean. The mean of y = x/alpha over the samples, at most 4 standard errors off its own, comes in with the
      // error of the difference that is the slope of l, of order d^2 inside and d at the ends, d = 0.01.
      const double d = i == 0 || i + 1 == all.lambda.size() ? 0.01 : 1e-4;
      CHECK(std::abs(all.b[i * 3 + k] - 2 * l * (1 - l) * data.mean[k]) < d * (std::abs(data.mean[k]) + 4 * std::hypot(c, std::exp(-all.lambda[i])) / std::sqrt(1000.)));
    }
  // The numbers of three variances, 1/4, 1 and 4, in the middle.
  CHECK(all.l[300] == Approx(0.8).epsilon(1e-9));
  CHECK(all.l[301] == Approx(0.5).epsilon(1e-9));
  CHECK(all.l[302] == Approx(0.2).epsilon(1e-9));
}

TEST_CASE("columns of several elements have the mean of their l") {
  const normals data;
  const auto l = [&](std::size_t columns) {
    statistics_sums sums = statistics_sums::make({.from = -1, .to = 1, .steps = 4, .elements = 3, .columns = columns, .samples = 64});
    measure(sums, data, data.model());
    return finish(sums, {.smooth_l = 0}).l;
  };
  const std::vector<double> each = l(3), one = l(1);
  REQUIRE(one.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(one[i] == Approx((each[3 * i] + each[3 * i + 1] + each[3 * i + 2]) / 3).epsilon(1e-12));
}

TEST_CASE("a measurement that is cut into shards, stopped or repeated has the same bits") {
  const std::vector<statistics_cell> wanted = total(few);
  CHECK(same(total(few), wanted));
  const two_normals_model m;
  for (const std::uint32_t of : {2U, 3U, 7U, 20U}) {
    statistics_sums all = statistics_sums::make(few);
    for (std::uint32_t k = of; k-- > 0;) {
      statistics_sums part = statistics_sums::make(few);
      CHECK(measure(part, m, m.model(), {k, of}));
      all.merge(part);
    }
    CHECK(same(all.try_total().value(), wanted));
  }
  // Stopped at every row of every block, the block under way is lost and measured again.
  statistics_sums all = statistics_sums::make(few);
  std::uint32_t stops = 0;
  for (std::size_t row = 0; !all.complete(); row = (row + 1) % (few.rows() + 1)) {
    std::size_t asked = 0;
    const std::uint32_t before = all.blocks_done();
    const bool whole = measure(all, m, m.model(), {}, [&](const statistics_progress&) { return asked++ < row + few.rows(); });
    CHECK(whole == all.complete());
    CHECK(all.blocks_done() > before);
    ++stops;
  }
  CHECK(stops > 3);
  CHECK(same(all.try_total().value(), wanted));
}

TEST_CASE("noise depends on seed, sample and lambda, and with one_noise not on lambda") {
  statistics_options o = few;
  const std::vector<statistics_cell> wanted = total(o);
  o.seed = 4;
  CHECK_FALSE(same(total(o), wanted));
  // l of one noise is the mean of a smooth function: its second differences are those of the exact one and no more.
  statistics_options many{.from = -1, .to = 1, .steps = 100, .samples = 256, .block = 256};
  const auto roughness = [&](bool one_noise) {
    many.one_noise = one_noise;
    const std::vector<statistics_cell> cells = total(many);
    double most = 0;
    for (std::size_t i = 1; i + 1 < cells.size(); ++i)
      most = std::fmax(most, std::abs(cells[i + 1][statistics_cell::mean_j] - 2 * cells[i][statistics_cell::mean_j] + cells[i - 1][statistics_cell::mean_j]));
    return most;
  };
  CHECK(roughness(true) < 5 * 0.02 * 0.02);  // d^2 times a second derivative of some ones
  CHECK(roughness(false) > 5 * roughness(true));
}

TEST_CASE("with one_noise l is smooth in lambda also where the Jacobian is not diagonal") {
  // Pairs of numbers of variance 1 and covariance 0.8: their sum and difference are independent, of variance 3.6 and 0.4.
  const auto data = [](std::uint32_t k, std::span<double> x0) {
    philox{.seed = 6}.fill(k, 0, 0, x0);
    const double u = std::sqrt(0.9) * x0[0], w = std::sqrt(0.1) * x0[1];
    x0[0] = u + w, x0[1] = u - w;
  };
  const auto net = [](std::span<const double> x, const statistics_call& call, std::span<double> out) {
    const by_lambda path;
    const double a = path.alpha(call.at.label), s = path.sigma(call.at.label);
    for (std::size_t i = 0; i < x.size(); i += 2) {
      const double u = s * (x[i] + x[i + 1]) / 2 / (1.8 * a * a + s * s), w = s * (x[i] - x[i + 1]) / 2 / (0.2 * a * a + s * s);
      out[i] = u + w, out[i + 1] = u - w;
    }
  };
  for (const std::size_t columns : {1U, 2U}) {
    const statistics_options o{.from = -1, .to = 1, .steps = 100, .elements = 2, .columns = columns, .samples = 256, .block = 64, .one_noise = true};
    statistics_sums sums = statistics_sums::make(o);
    measure(sums, data, differences(by_lambda{}, eps_model{}, net));
    const std::vector<double> l = finish(sums, {.smooth_l = 0}).l;
    double most = 0;
    for (std::size_t i = columns; i + columns < l.size(); ++i) most = std::fmax(most, std::abs(l[i + columns] - 2 * l[i] + l[i - columns]));
    // l is a mean of g = 1/(1 + c exp(2 lambda)) for c = 1.8 and 0.2 with weights that no row changes; g'' is 0.385 at most.
    CHECK(most < 0.4 * 0.02 * 0.02);
  }
}

TEST_CASE("progress rises from nothing to all, row by row") {
  const two_normals_model m;
  statistics_sums sums = statistics_sums::make(few);
  std::vector<double> shares;
  measure(sums, m, m.model(), {1, 2}, [&](const statistics_progress& p) {
    CHECK(p.blocks == 4);
    CHECK(p.sums.blocks_done() == p.blocks_done);
    shares.push_back(p.share());
    return true;
  });
  CHECK(shares.size() == 4 * few.rows() + 1);
  CHECK(shares.front() == 0);
  CHECK(shares.back() == 1);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  measure(sums, m, m.model(), {1, 2}, [&](const statistics_progress& p) {
    CHECK(p.share() == 1);
    return true;
  });
}

TEST_CASE("a lambda costs five evaluations by differences, and one and two derivatives with them") {
  const two_normals_model m;
  std::size_t nets = 0, jvps = 0;
  const auto net = [&](std::span<const double> x, const statistics_call& call, std::span<double> out) { ++nets, m.net()(x, call, out); };
  const auto jvp = [&](std::span<const double> x, const statistics_call& call, std::span<const double> dx, double dlabel, std::span<double> out, std::span<double> dout) {
    ++jvps, m.jvp()(x, call, dx, dlabel, out, dout);
  };
  const std::size_t times = few.rows() * few.blocks();
  statistics_sums by_differences = statistics_sums::make(few), by_jvp = statistics_sums::make(few);
  measure(by_differences, m, differences(m.path, eps_model{}, net));
  CHECK(nets == 5 * times);
  measure(by_jvp, m, with_jvp(m.path, eps_model{}, net, jvp));
  CHECK(nets == 6 * times);
  CHECK(jvps == 2 * times);
}

TEST_CASE("data and models that fail leave the blocks that were finished") {
  const two_normals_model m;
  statistics_sums sums = statistics_sums::make(few);
  const auto bad_data = [&](std::uint32_t k, std::span<double> x0) { m(k, x0), x0[0] = k == 20 ? std::nan("") : x0[0]; };
  CHECK_THROWS_WITH(measure(sums, bad_data, m.model()), "measure: element 0 of sample 20 of the data is nan, needs a finite number");
  CHECK(sums.blocks_done() == 2);
  const auto bad_net = [&](std::span<const double> x, const statistics_call& call, std::span<double> out) {
    m.net()(x, call, out);
    if (call.first == 24 && call.at.label > 2.5) out[0] = HUGE_VAL;
  };
  CHECK_THROWS_WITH(measure(sums, m, differences(m.path, eps_model{}, bad_net)), contains("statistics_sums: a sum of blocks 3 to 3 at lambda 3 is ") && contains("needs a finite number"));
  CHECK(sums.blocks_done() == 3);
  const auto throws = [](std::span<const double>, const statistics_call&, std::span<double>) { throw std::runtime_error("out of order"); };
  CHECK_THROWS_WITH(measure(sums, m, differences(m.path, eps_model{}, throws)), "out of order");
  CHECK(sums.blocks_done() == 3);
  CHECK_THROWS_WITH(measure(sums, m, m.model(), {2, 2}), contains("statistics_shard: index is 2 of 2"));
}

TEST_CASE("measured statistics of two normals are on the mean those of the integrals") {
  const two_normals_model m;
  constexpr statistics_guards bare{.smooth_l = 0, .largest_s = HUGE_VAL, .floor = 0};
  statistics_options o{.from = -3, .to = 3, .steps = 24, .samples = times(4096U, 1024U), .block = 4096, .one_noise = true};
  const finished_statistics exact = finish(exact_sums(m, o), bare);
  const int seeds = times(16, 8);
  std::vector<double> sum[3], square[3];
  for (int seed = 0; seed < seeds; ++seed) {
    two_normals_model data = m;
    data.seed = o.seed = static_cast<std::uint64_t>(seed);
    statistics_sums sums = statistics_sums::make(o);
    measure(sums, data, m.model());
    const finished_statistics all = finish(sums, bare);
    const std::vector<double>* const got[] = {&all.l, &all.s, &all.b};
    for (std::size_t q = 0; q < 3; ++q) {
      sum[q].resize(all.l.size()), square[q].resize(all.l.size());
      for (std::size_t i = 0; i < all.l.size(); ++i) sum[q][i] += (*got[q])[i], square[q][i] += (*got[q])[i] * (*got[q])[i];
    }
  }
  const std::vector<double>* const wanted[] = {&exact.l, &exact.s, &exact.b};
  for (std::size_t q = 0; q < 3; ++q)
    for (std::size_t i = 0; i < exact.l.size(); ++i) {
      const double mean = sum[q][i] / seeds, error = std::sqrt((square[q][i] / seeds - mean * mean) / (seeds - 1));
      INFO("statistic " << q << " at lambda " << exact.lambda[i] << ": " << mean << " +- " << error << ", " << (*wanted[q])[i]);
      // 75 times Student's t beyond 7: a false alarm in 3000 changes of 16 seeds, in 60 of the 8 of a short run. A ratio of
      // means of K samples is off by some of its own variance over K, which is below its error.
      CHECK(std::abs(mean - (*wanted[q])[i]) < 7 * error + 1e-9);
    }
}
