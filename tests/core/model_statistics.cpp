// SPDX-License-Identifier: MIT
#include "diffode/core/model_statistics.hpp"

#include "catch.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/ve.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace diffode;

namespace {

using numbers = std::vector<double>;

/// `rows` lambdas from 0 to 1, with constant statistics.
model_statistics constant(double l, double s, double b, std::size_t rows) {
  numbers lambda;
  for (std::size_t i = 0; i < rows; ++i) lambda.push_back(static_cast<double>(i) / static_cast<double>(rows - 1));
  return model_statistics::make({.lambda = lambda, .l = numbers(rows, l), .s = numbers(rows, s), .b = numbers(rows, b)});
}

level<> at(double lambda) { return vp_linear{}.at_lambda(lambda); }

std::string why(const numbers& lambda, const numbers& l, const numbers& s, const numbers& b) {
  const auto made = model_statistics::try_make({.lambda = lambda, .l = l, .s = s, .b = b});
  return made ? "nothing" : made.reason()->what();
}

}  // namespace

TEST_CASE("integrals of constant statistics converge to their closed forms with the square of the table's spacing") {
  constexpr double l = 0.7, s = -1.6, b = 0.4, sum = l + s;
  const level<> from = at(0.25), to = at(1);
  const double h = 0.75;
  const double grown = std::exp(sum * h), W0 = std::exp(-l * h) * (grown - 1) / sum, W1 = std::exp(-l * h) * (grown * (h * sum - 1) + 1) / (sum * sum);
  const double B = b * (1 - std::exp(-s * h)) / s;
  // int e^((l+s)x) B(x) dx with B(x) = b (1 - e^(-s x))/s
  const double J = std::exp(-l * h) * b / s * ((grown - 1) / sum - (std::exp(l * h) - 1) / l);
  double off[2][5];
  for (const std::size_t fine : {0U, 1U}) {
    const model_statistics table = constant(l, s, b, fine ? 201 : 101);
    const auto e = table.over(from, to);
    const auto seen = table.shift(from.lambda, to.lambda);
    CHECK(e.a == Approx(to.alpha / from.alpha * std::exp(-l * h)).epsilon(1e-14));
    CHECK(seen.fade == Approx(std::exp(-s * h)).epsilon(1e-14));
    const double errors[] = {e.W[0] - W0, e.W[1] - W1, e.J - J, seen.B - B, table.shift(to.lambda, from.lambda).B - b * (1 - std::exp(s * h)) / s};
    for (std::size_t k = 0; k < 5; ++k) off[fine][k] = errors[k];
  }
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(std::abs(off[0][k]) < 1e-4);  // d^2 = 1e-4, and constants below 1
    CHECK(off[0][k] / off[1][k] == Approx(4).epsilon(1e-3));
  }
}

TEST_CASE("the higher moments are those of the trapezoidal rule, added up by hand") {
  const numbers lambda{0, 0.1, 0.3}, l{0.9, 0.8, 0.5}, s{1, -1, 0.5}, b{0.2, 0.1, -0.3};
  const model_statistics table = model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
  const double L1 = 0.085, L2 = L1 + 0.13, S1 = 0, S2 = -0.05;
  const double B1 = 0.05 * (0.2 + 0.1), B2 = B1 + 0.1 * (0.1 - 0.3 * std::exp(0.05));
  const double E1 = std::exp(L1 + S1), E2 = std::exp(L2 + S2);
  const auto e = table.over(at(0), at(0.3));
  for (std::size_t k = 0; k < 4; ++k) {
    const double x0 = k == 0 ? 1 : 0, x1 = std::pow(0.1, k), x2 = std::pow(0.3, k);
    CHECK(e.W[k] == Approx(std::exp(-L2) * (0.05 * (x0 + E1 * x1) + 0.1 * (E1 * x1 + E2 * x2))).epsilon(1e-14));
  }
  CHECK(e.J == Approx(std::exp(-L2) * (0.05 * E1 * B1 + 0.1 * (E1 * B1 + E2 * B2))).epsilon(1e-14));
  CHECK(table.shift(0.0, 0.3).B == Approx(B2).epsilon(1e-14));
  CHECK(table.l(0.1) == 0.8);
}

TEST_CASE("a table may fall, and steps may go either way: the way back undoes the way there") {
  const numbers lambda{0, 0.1, 0.3}, l{0.9, 0.8, 0.5}, s{1, -1, 0.5}, b{0.2, 0.1, -0.3};
  const numbers fallen{0.3, 0.1, 0}, fl{0.5, 0.8, 0.9}, fs{0.5, -1, 1}, fb{-0.3, 0.1, 0.2};
  const model_statistics up = model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
  const model_statistics down = model_statistics::make({.lambda = fallen, .l = fl, .s = fs, .b = fb});
  const auto a = up.over(at(0), at(0.3)), c = down.over(at(0), at(0.3)), back = up.over(at(0.3), at(0));
  CHECK(a.a == c.a);
  CHECK(a.W == c.W);
  CHECK(a.J == c.J);
  CHECK(a.a * back.a == Approx(1).epsilon(1e-15));
  CHECK(back.W[0] < 0);
  CHECK(up.nearest(0.25) == 2);
  CHECK(down.nearest(0.25) == 0);
  CHECK(up.nearest(-7) == 0);
  CHECK(up.nearest(7) == 2);
  CHECK(up.over(at(0.1), at(0.1)).W[0] == 0);
}

TEST_CASE("each lane has its column, or all have one; each lane may be at another lambda") {
  const numbers lambda{0, 1, 2}, l{0.9, 0.1, 0.8, 0.2, 0.5, 0.3}, s{1, 2, -1, 0, 0.5, 0.25}, b{0.2, 0, 0.1, 1, -0.3, 2};
  const model_statistics two = model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
  CHECK(two.columns() == 2);
  const auto column = [&](std::size_t c) {
    numbers one[3];
    for (std::size_t i = c; i < l.size(); i += 2) one[0].push_back(l[i]), one[1].push_back(s[i]), one[2].push_back(b[i]);
    return model_statistics::make({.lambda = lambda, .l = one[0], .s = one[1], .b = one[2]});
  };
  const level<lanes> same{lanes(0), lanes(at(0).alpha), lanes(at(0).sigma), lanes(0)}, there{lanes(1), lanes(at(1).alpha), lanes(at(1).sigma), lanes(1)};
  const std::vector<level<>> apart{at(1), at(2)};
  const auto e = two.over(same, there), other = two.over(same, join(apart)), shared = column(1).over(same, join(apart));
  REQUIRE(e.J.size() == 2);
  REQUIRE(shared.J.size() == 2);
  for (const std::size_t c : {0U, 1U}) {
    CHECK(e.a[c] == column(c).over(at(0), at(1)).a);
    CHECK(e.W[2][c] == column(c).over(at(0), at(1)).W[2]);
    CHECK(e.J[c] == column(c).over(at(0), at(1)).J);
    CHECK(two.l(lanes(2))[c] == column(c).l(2.0));
    CHECK(two.shift(lanes(2), lanes(0)).B[c] == column(c).shift(2.0, 0.0).B);
    CHECK(other.J[c] == column(c).over(at(0), apart[c]).J);
    CHECK(shared.J[c] == column(1).over(at(0), apart[c]).J);
  }
}

TEST_CASE("the two statistics without a table are everywhere, and exact") {
  const model_statistics data = model_statistics::data_prediction(), noise = model_statistics::noise_prediction();
  const level<> s = ve{}.at_lambda(-1), t = ve{}.at_lambda(0.5);
  CHECK_FALSE(data.tabulated());
  CHECK_FALSE(data.check(0.1234));
  CHECK(data.columns() == 1);
  CHECK(data.l(0.3) == 1);
  CHECK(noise.l(0.3) == 0);
  CHECK(data.over(s, t).a == Approx(std::exp(-1.5)).epsilon(1e-15));
  CHECK(noise.over(s, t).a == 1);
  // W_1 = e^(-L) int_0^h e^(L + S) x dx: e^(-h) (e^h (h - 1) + 1), and 1 - e^(-h) (h + 1).
  CHECK(data.over(s, t).W[1] == Approx(0.5 + std::exp(-1.5)).epsilon(1e-14));
  CHECK(noise.over(s, t).W[1] == Approx(1 - 2.5 * std::exp(-1.5)).epsilon(1e-14));
  CHECK(noise.shift(0.5, -1.0).fade == Approx(std::exp(-1.5)).epsilon(1e-15));
  const level<> pure = flow{}.at(1), clean = flow{}.at(0);
  CHECK(data.over(pure, clean).a == 0);
  CHECK(data.over(pure, clean).W[0] == 1);
  CHECK(noise.over(s, ve{}.at_lambda(std::numeric_limits<double>::infinity())).W[0] == 1);
}

TEST_CASE("copies share the table") {
  const model_statistics one = constant(1, 0, 0, 5), other = one;
  CHECK(one.lambda().data() == other.lambda().data());
}

TEST_CASE("tables that make no sense are refused, with what is wrong in them") {
  const double nan = std::nan("");
  CHECK(why({0, 1}, {1, 1}, {0, 0}, {0, 0}) == "nothing");
  CHECK(why({0, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}) == "nothing");
  CHECK(why({0}, {1}, {0}, {0}) == "model_statistics: number of lambdas is 1, needs at least 2");
  CHECK(why({0, 1}, {}, {}, {}) == "model_statistics: l has 0 numbers, needs a multiple of the number of lambdas, 2");
  CHECK(why({0, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}) == "model_statistics: l has 3 numbers, needs a multiple of the number of lambdas, 2");
  CHECK(why({0, 1}, {1, 1}, {0, 0, 0, 0}, {0, 0}) == "model_statistics: s has 4 numbers, needs as many as l, 2");
  CHECK(why({0, 1}, {1, 1}, {0, 0}, {0}) == "model_statistics: b has 1 numbers, needs as many as l, 2");
  CHECK(why({0, nan}, {1, 1}, {0, 0}, {0, 0}) == "model_statistics: lambda[1] is nan, needs a finite number");
  CHECK(why({0, 1}, {1, 1}, {0, HUGE_VAL}, {0, 0}) == "model_statistics: s[1] is inf, needs a finite number");
  CHECK(why({0, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}) ==
        "model_statistics: lambda[2] is 1, needs a number above 1, the one before: lambdas must not repeat or turn");
  CHECK(why({2, 1, 1.5}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}) ==
        "model_statistics: lambda[2] is 1.5, needs a number below 1, the one before: lambdas must not repeat or turn");
  CHECK_THROWS_WITH(model_statistics::make({.lambda = numbers{0}, .l = numbers{1}, .s = numbers{0}, .b = numbers{0}}),
                    "model_statistics: number of lambdas is 1, needs at least 2");
}

TEST_CASE("a lambda that is none of the table's is named, one that went through single precision is not") {
  const model_statistics table = constant(1, 0, 0, 11);
  CHECK_FALSE(table.check(0.3));
  CHECK_FALSE(table.check(static_cast<double>(0.3F)));
  CHECK(table.check(0.31)->what() == std::string("lambda 0.31 is not where the statistics were taken (0.3 is the nearest such lambda), needs a "
                                                 "grid from on_nodes(grid, statistics)"));
  CHECK(table.check(HUGE_VAL)->code() == errc::bad_grid);
  CHECK(table.check(lanes({0.2, 0.55})).has_value());
}
