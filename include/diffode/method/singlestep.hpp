// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/stages.hpp"
#include "diffode/tape/between.hpp"
#include "diffode/tape/history.hpp"

#include <vector>

namespace diffode {

/// DPM-Solver-1, -2, -3 and DPM-Solver++ 1, 2S, 3S: single-step exponential methods, all evaluations of a step inside it.
///
/// Source       noise form (target eps) Lu et al. 2022, arXiv:2206.00927, Algorithms 4 and 5; data form, arXiv:2211.01095,
///              Algorithm 1 and its authors' code; slope::heun ("taylor") from that code
/// Order        p; with p = 3 a single r2 other than 2/3 has order 2. Ratios given per step count as 2/3 + O(h), which a
///              smooth grid makes them
/// Evaluations  p per step; 1 on a step to sigma = 0 or from alpha = 0          Memory  none
/// Ends         first order where lambda is infinite; else as `ends` says, with ramp::given for the plans of
///              grid/budget.hpp ("DPM-Solver-fast"), whose runs have exactly the evaluations that were asked for
/// Differs      from dpm-solver's driver: it has no ratios of its own but those of an inner grid; list them to repeat it.
///              From k-diffusion's dpm_fast: nothing, with target eps. From 2S ancestral with eta = 0: nothing
/// Estimate     the solution of order p - 1 from the same evaluations (the pairs 12 and 23 of adaptive runs)
/// Names        k-diffusion, A1111, ComfyUI dpm_fast (target eps); dpm++2s_a with eta = 0; RES4LYF and
///              stable-diffusion.cpp res_2s (slope::heun); ComfyUI exp_heun_2_x0 (slope::heun, r1 = {1})
/// Errors       refuses p outside 1 to 3, ratios outside [1e-4, 1], r1 not below r2 by 1e-4 at p = 3, ramps with orders above p
///
/// With stages u at lambda_s + r1 h and v at lambda_s + r2 h, where A, G, g_k are those of core/exponential.hpp for the
/// way from s to the point in brackets (g_1 = 1 - e^-h and g_2 = 1 - g_1/h in the data form)
///     x_u = A(u) x + G(u) g_1(u) m0
///     x_v = A(v) x + G(v) [ g_1(v) m0 + (r2/r1) g_2(v) (m1 - m0) ]
///     p = 2:  x_t = A x + G [ g_1 m0 + S/r1 (m1 - m0) ]          S = g_1/2 midpoint, g_2 heun
///     p = 3:  x_t = A x + G [ g_1 m0 + g_2/r2 (m2 - m0) ]        midpoint; heun takes the parabola through m0, m1, m2
/// With slope::heun, p = 2 is RES 2S (Zhang et al. 2023, arXiv:2308.02157, Algorithm 2, at eta = 0).
struct singlestep {
  int p = 2;
  slope form = slope::midpoint;
  prediction target = prediction::x0;
  /// Where in the step the stages lie: one number for all steps, or one a step (the last stands for all that follow).
  /// None: r1 = 1/2 on steps of order 2, r1 = 1/3 and r2 = 2/3 on steps of order 3.
  std::vector<double> r1{}, r2{};
  ramp ends{};

  static constexpr const char* name = "singlestep";
  static constexpr int keep() { return 0; }
  constexpr int order() const { return p == 3 && r2.size() == 1 && !(r2[0] > 2. / 3 - 1e-9 && r2[0] < 2. / 3 + 1e-9) ? 2 : p; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    const value low = r.sum({{x, e.A}, {m0, e.first}});
    const int order = order_of(ends, p, r, s, t), i = r.position().index;
    if (order == 1) return low;

    const double c1 = at(r1, i, order == 2 ? 1. / 2 : 1. / 3), c2 = at(r2, i, 2. / 3);
    const level<R> u = between(r, s, t, c1);
    const exponential_step<R> to_u = exponential(target, s, u);
    history<R> m{2, {m0, r.predict(r.sum({{x, to_u.A}, {m0, to_u.first}}), u)}};
    const value middle = weighted(r, {x, e.A}, e.G, two_stage_weights(e, form, R(c1)), m);
    r.estimate = order == 2 ? low : middle;
    if (order == 2) return middle;

    const level<R> v = between(r, s, t, c2);
    const exponential_step<R> to_v = exponential(target, s, v);
    m.m[2] = r.predict(weighted(r, {x, to_v.A}, to_v.G, second_stage_weights(to_v, R(c2 / c1)), m), v);
    m.count = 3;
    return weighted(r, {x, e.A}, e.G, three_stage_weights(e, form, R(c1), R(c2)), m);
  }

  fault check() const {
    using detail::refuse;
    if (p < 1 || p > 3) return refuse(errc::bad_method, "singlestep: order p is ", p, ", needs 1 to 3");
    for (const std::vector<double>* ratios : {&r1, &r2})
      for (const double c : *ratios)
        if (!(c >= detail::least_ratio && c <= 1))
          return refuse(errc::bad_method, "singlestep: a ratio of ", ratios == &r1 ? "r1" : "r2", " is ", c, ", needs a number from ", detail::least_ratio, " to 1");
    const int listed = static_cast<int>(r1.size() > r2.size() ? r1.size() : r2.size());
    for (int i = 0; p == 3 && i < listed; ++i)
      if (const double c1 = at(r1, i, 1. / 3), c2 = at(r2, i, 2. / 3); !(c2 - c1 >= detail::least_ratio))
        return refuse(errc::bad_method, "singlestep: r1 is ", c1, " where r2 is ", c2, ", needs r1 below r2 by ", detail::least_ratio, " or more");
    return ends.check(name, p);
  }

 private:
  static double at(const std::vector<double>& ratios, int i, double otherwise) {
    if (ratios.empty()) return otherwise;
    const std::size_t k = static_cast<std::size_t>(i);
    return ratios[k < ratios.size() ? k : ratios.size() - 1];
  }
};

}  // namespace diffode
