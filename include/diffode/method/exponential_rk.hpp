// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential_tableaus.hpp"
#include "diffode/core/option.hpp"
#include "diffode/tape/between.hpp"
#include "diffode/tape/history.hpp"

namespace diffode {

/// Explicit exponential Runge-Kutta methods, from a tableau: the general single-step method.
///
/// Source       Hochbruck and Ostermann 2010, Acta Numerica 19, section 2.3; the tableaus of core/exponential_tableaus.hpp, or
///              your own. For diffusion: Zhang et al. 2023, arXiv:2308.02157 (RES), which argues for those of stiff order
/// Order        that of the tableau, in either form         Evaluations  one per stage a step; 1 on a step of first order        Memory  none
/// Ends         first order on a step to sigma = 0 or from alpha = 0, and where `ends` says 1; other orders are not lowered
/// Estimate     of order 1 where the tableau has order 2, else none: tableaus have no embedded ones; singlestep has, at p = 3
/// Differs      singlestep, dpmpp 2S and 3S are tableaus of two and three stages; midpoint ones have phi_1/2 in place of phi_2,
///              which a tableau can say too
/// Names        the add-on RES4LYF of ComfyUI: res_2s, etdrk2_2s, etdrk3_a_3s, etdrk4_4s, res_4s_cox_matthews, res_4s_krogstad,
///              res_4s_strehmel_weiner, res_5s_hochbruck-ostermann
/// Errors       refuses a tableau without stages, of more than 8, with a first node other than 0, a node outside [0, 1], terms
///              outside its rows and columns, a phi of index outside 0 to 6, of a node
///              outside [0, 1] or with a factor outside [-1e6, 1e6], a tableau order below 1, ramps with orders above it
///
///     x_i = A_i x + G_i h sum_(j<i) a_ij m_j at lambda_s + c_i h;    x_t = A x + G h sum_j b_j m_j
/// with A, G of core/exponential.hpp for the way from s to the stage, and a_ij, b_j sums of phi functions of -h (data form)
/// or h (noise form).
struct exponential_rk {
  exponential_tableau table = hochbruck_ostermann_4();
  prediction target = prediction::x0;
  ramp ends{};

  static constexpr const char* name = "exponential_rk";
  static constexpr int keep() { return 0; }
  constexpr int order() const { return table.order; }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const value x = r.state(), m0 = r.predict(x, s);
    const exponential_step<R> e = exponential(target, s, t);
    const value low = r.sum({{x, e.A}, {m0, e.first}});
    const bool bounded = detail::finite(s.lambda) && detail::finite(t.lambda);
    if (!bounded || (order() > 1 && ends.order(order(), r.position()) == 1)) return low;
    if (order() == 2) r.estimate = low;
    std::array<value, max_stages> m{m0};
    for (int i = 1; i < table.stages(); ++i) {
      const std::size_t row = static_cast<std::size_t>(i);
      const level<R> u = between(r, s, t, table.nodes[row]);
      m[row] = r.predict(row_of(r, x, m, i, exponential(target, s, u), e.h, table.nodes[row]), u);
    }
    return row_of(r, x, m, table.stages(), e, e.h, 1);
  }

  fault check() const {
    using detail::refuse;
    const int n = table.stages();
    if (n < 1 || n > max_stages) return refuse(errc::bad_method, "exponential_rk: number of stages is ", n, ", needs 1 to ", max_stages);
    if (table.order < 1) return refuse(errc::bad_method, "exponential_rk: order of the tableau is ", table.order, ", needs 1 or more");
    for (int i = 0; i < n; ++i)
      if (const double c = table.nodes[static_cast<std::size_t>(i)]; i == 0 ? c != 0 : !(c > 0 && c <= 1))
        return refuse(errc::bad_method, "exponential_rk: nodes[", i, "] is ", c, i == 0 ? ", needs 0" : ", needs a number above 0 and not above 1");
    for (std::size_t k = 0; k < table.terms.size(); ++k) {
      const tableau_term& term = table.terms[k];
      if (term.row < 2 || term.row > n || term.column < 1 || term.column >= term.row)
        return refuse(errc::bad_method, "exponential_rk: terms[", k, "] is for row ", term.row, " and column ", term.column,
                      ", needs a row from 2 to ", n, " and a column from 1 to below it");
      if (term.k < 0 || term.k > 6) return refuse(errc::bad_method, "exponential_rk: terms[", k, "] has phi ", term.k, ", needs 0 to 6");
      if (!(term.node >= 0 && term.node <= 1)) return refuse(errc::bad_method, "exponential_rk: terms[", k, "] has node ", term.node, ", needs a number from 0 to 1");
      if (!(term.factor >= -detail::most_strength && term.factor <= detail::most_strength))
        return refuse(errc::bad_method, "exponential_rk: terms[", k, "] has factor ", term.factor, ", needs a number from ", -detail::most_strength, " to ", detail::most_strength);
    }
    return ends.check(name, order());
  }

 private:
  template <coefficient R>
  value row_of(recorder<R>& r, value x, const std::array<value, max_stages>& m, int row, const exponential_step<R>& e, const R& h, double node) const {
    const std::array<R, max_stages> w = row_weights(table, row, target, h, node);
    std::array<term<R>, max_stages + 1> terms{};
    terms[0] = {x, e.A};
    const std::size_t n = static_cast<std::size_t>(row);
    for (std::size_t j = 0; j < n; ++j) terms[j + 1] = {m[j], e.G * w[j]};
    return r.sum(std::span<const term<R>>(terms.data(), n + 1));
  }
};

}  // namespace diffode
