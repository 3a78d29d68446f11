// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential_tableau.hpp"

namespace diffode {

// Each with its order as h falls, which is what a method claims, and its stiff order, which holds uniformly in the size
// of the linear part: Hochbruck and Ostermann 2005, SIAM J. Numer. Anal. 43, 1069, where they are collected.

/// Two stages at 0 and c; c = 1 is ETD2RK, Cox and Matthews 2002, J. Comput. Phys. 176, 430.
/// Order 2, stiff order 2. It is RES 2S, and singlestep with slope::heun
inline exponential_tableau etd2rk(double c = 1) { return {2, {0, c}, {{2, 1, 2, 1, 1 / c}}}; }

/// Cox and Matthews 2002. Order 3, stiff order 2
inline exponential_tableau etd3rk() {
  return {3, {0, 0.5, 1}, {{2, 1, 1, 1, 2}, {3, 1, 2, 1, 4}, {3, 1, 3, 1, -8}, {3, 2, 2, 1, -1}, {3, 2, 3, 1, 4}}};
}

/// Three stages at 0, c1 and 2/3: Hochbruck and Ostermann 2005. Order 3, stiff order 3. With c1 = 1/3 it is
/// DPM-Solver-3 and singlestep with slope::midpoint
inline exponential_tableau stiff_3(double c1 = 1. / 3) {
  return {3, {0, c1, 2. / 3}, {{2, 1, 2, 2. / 3, 4. / 9 / c1}, {3, 2, 2, 1, 1.5}}};
}

namespace detail {

/// phi_1 - 3 phi_2 + 4 phi_3, 2 phi_2 - 4 phi_3 twice, -phi_2 + 4 phi_3: the classical 1/6, 1/3, 1/3, 1/6 at z = 0.
inline void push_classical_weights(std::vector<tableau_term>& terms) {
  for (const int middle : {1, 2}) {
    terms.push_back({4, middle, 2, 1, 2});
    terms.push_back({4, middle, 3, 1, -4});
  }
  terms.push_back({4, 3, 2, 1, -1});
  terms.push_back({4, 3, 3, 1, 4});
}

}  // namespace detail

/// ETD4RK: Cox and Matthews 2002. Order 4, stiff order 2
inline exponential_tableau cox_matthews_4() {
  exponential_tableau t{4, {0, 0.5, 0.5, 1}, {{2, 1, 1, 0.5, 0.5}, {3, 2, 1, 0.5, 1}}};
  detail::push_classical_weights(t.terms);
  return t;
}

/// Krogstad 2005, J. Comput. Phys. 203, 72. Order 4, stiff order 3
inline exponential_tableau krogstad_4() {
  exponential_tableau t{4, {0, 0.5, 0.5, 1}, {{2, 1, 2, 0.5, 1}, {3, 2, 2, 1, 2}}};
  detail::push_classical_weights(t.terms);
  return t;
}

/// Strehmel and Weiner 1992, in Hochbruck and Ostermann 2005. Order 4, stiff order 3
inline exponential_tableau strehmel_weiner_4() {
  return {4, {0, 0.5, 0.5, 1},
          {{2, 1, 2, 0.5, 0.5}, {3, 1, 2, 1, -2}, {3, 2, 2, 1, 4},
           {4, 2, 2, 1, 4}, {4, 2, 3, 1, -8}, {4, 3, 2, 1, -1}, {4, 3, 3, 1, 4}}};
}

/// Hochbruck and Ostermann 2005. Five stages, order 4, stiff order 4
inline exponential_tableau hochbruck_ostermann_4() {
  // a = phi_2(z/2)/2 - phi_3(z) + phi_2(z)/4 - phi_3(z/2)/2, and phi_2(z/2)/4 - a.
  return {4, {0, 0.5, 0.5, 1, 0.5},
          {{2, 1, 2, 0.5, 1},
           {3, 1, 2, 1, 1}, {3, 2, 2, 1, 1},
           {4, 1, 2, 0.5, 0.5}, {4, 1, 3, 1, -1}, {4, 1, 2, 1, 0.25}, {4, 1, 3, 0.5, -0.5},
           {4, 2, 2, 0.5, 0.5}, {4, 2, 3, 1, -1}, {4, 2, 2, 1, 0.25}, {4, 2, 3, 0.5, -0.5},
           {4, 3, 2, 0.5, -0.25}, {4, 3, 3, 1, 1}, {4, 3, 2, 1, -0.25}, {4, 3, 3, 0.5, 0.5},
           {5, 3, 2, 1, -1}, {5, 3, 3, 1, 4}, {5, 4, 2, 1, 4}, {5, 4, 3, 1, -8}}};
}

}  // namespace diffode
