// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/core/level.hpp>
#include <diffode/schedule/noise_path.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace diffode_bench {

namespace dd = diffode;

/// Where a hand-written program keeps the numbers of its run.
struct course {
  dd::noise_path path;
  std::vector<dd::level<>> levels;

  const dd::level<>& operator[](int k) const { return levels[static_cast<std::size_t>(k)]; }
  double h(int k) const { return (*this)[k + 1].lambda - (*this)[k].lambda; }
};

/// x0 = cx*x + cf*F for a model that predicts noise.
struct conversion {
  double cx, cf;
};
inline conversion to_x0(const dd::level<>& at) { return {1 / at.alpha, -at.sigma / at.alpha}; }

/// int_a^b f by Gauss and Legendre's rule with 8 points: to 1e-14 on the smooth integrands here.
inline double integral(double a, double b, const std::function<double(double)>& f) {
  constexpr std::array<double, 4> x{0.18343464249564980, 0.52553240991632899, 0.79666647741362674, 0.96028985649753623};
  constexpr std::array<double, 4> w{0.36268378337836198, 0.31370664587788729, 0.22238103445337447, 0.10122853629037626};
  const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += w[k] * (f(middle - half * x[k]) + f(middle + half * x[k]));
  return half * sum;
}

/// The polynomial that is 1 at node j and 0 at the others.
inline double lagrange(std::span<const double> nodes, std::size_t j, double at) {
  double product = 1;
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (k != j) product *= (at - nodes[k]) / (nodes[j] - nodes[k]);
  return product;
}

inline constexpr std::size_t most_weights = 5;
using weights = std::array<double, most_weights>;

/// Weights of x0 at the points `nodes` of the course, for the exponential integrator over step k:
///     x_t = sigma_t/sigma_s x + alpha_t int_{lambda_s}^{lambda_t} e^(lambda - lambda_t) x0(lambda) dlambda.
inline weights exponential_weights(const course& on, int k, std::span<const int> nodes) {
  std::vector<double> lambda;
  for (const int n : nodes) lambda.push_back(on[n].lambda);
  const dd::level<>&s = on[k], &t = on[k + 1];
  weights w{};
  for (std::size_t j = 0; j < nodes.size(); ++j)
    w[j] = t.alpha * integral(s.lambda, t.lambda, [&](double at) { return std::exp(at - t.lambda) * lagrange(lambda, j, at); });
  return w;
}

/// The same for the noise prediction as a polynomial in time:
///     x_t = alpha_t/alpha_s x + alpha_t int_{rho_s}^{rho_t} eps drho,  rho = e^-lambda.
inline weights time_weights(const course& on, int k, std::span<const int> nodes) {
  std::vector<double> time;
  for (const int n : nodes) time.push_back(on[n].t);
  const dd::level<>&s = on[k], &t = on[k + 1];
  weights w{};
  for (std::size_t j = 0; j < nodes.size(); ++j)
    w[j] = -t.alpha * integral(s.lambda, t.lambda, [&](double at) { return std::exp(-at) * lagrange(time, j, on.path.at_lambda(at).t); });
  return w;
}

/// Points k, k - 1, ... of the course, newest first: as many as there are, at most `most`.
inline std::vector<int> newest(int k, int most) {
  std::vector<int> nodes;
  for (int n = k; n >= 0 && n > k - most; --n) nodes.push_back(n);
  return nodes;
}

/// Weights of the two newest x0 for a two-step method by the midpoint slope, given what they add up to.
inline weights midpoint_weights(const course& on, int k, double sum) {
  if (k == 0) return {sum};
  const double half = 0.5 * sum * on.h(k) / on.h(k - 1);
  return {sum + half, -half};
}

/// DPM-Solver++(2M), also UniPC's predictor of order 2.
inline weights two_m_weights(const course& on, int k) { return midpoint_weights(on, k, on[k + 1].alpha * -std::expm1(-on.h(k))); }

/// UniPC's predictor of order p (2 or 3); at p = 3 also DPM-Solver++(3M) with exact weights.
inline weights predictor_weights(const course& on, int k, int p) {
  return p == 2 || k < 2 ? two_m_weights(on, k) : exponential_weights(on, k, newest(k, p));
}

/// What to give m0 and its first and second divided differences D1, D2 of an exponential method with three points:
/// x0(lambda) = m0 + u D1 + u (u + d1) D2, u = lambda - lambda_s. Nothing before there are three.
inline weights newton_weights(const course& on, int k) {
  if (k < 2) return {};
  const double h = on.h(k), d1 = on.h(k - 1), alpha = on[k + 1].alpha;
  const auto moment = [&](auto of) { return alpha * integral(0, h, [&](double u) { return std::exp(u - h) * of(u); }); };
  return {-alpha * std::expm1(-h), moment([](double u) { return u; }), moment([&](double u) { return u * (u + d1); })};
}

/// UniPC's corrector of the step that ended at point k (1 or later): the weight of x0 there, then of those before.
inline weights corrector_weights(const course& on, int k, int p) {
  const int order = k < p ? k : p;
  if (order == 1) {  // B(h)/2 each of the newest and its predecessor, of the sum 2*B(h)/2
    const double all = on[k].alpha * -std::expm1(-on.h(k - 1));
    return {0.5 * all, 0.5 * all};
  }
  return exponential_weights(on, k - 1, newest(k, order + 1));
}

}  // namespace diffode_bench
