// SPDX-License-Identifier: MIT
#pragma once

#include "reference/loop.hpp"

namespace diffode_reference {

/// Lu et al. 2022, arXiv:2211.01095, Algorithm 2 (DPM-Solver++(2M)). A step to sigma = 0 is of first order.
inline double dpmpp_2m(levels l, double x, const prediction_of& x0) {
  double older = 0;
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double h = l[i + 1].lambda - l[i].lambda, newest = x0(x, l[i]);
    double D = newest;
    if (i > 0 && std::isfinite(h)) {
      const double r = (l[i].lambda - l[i - 1].lambda) / h;
      D = (1 + 1 / (2 * r)) * newest - 1 / (2 * r) * older;
    }
    x = l[i + 1].sigma / l[i].sigma * x - l[i + 1].alpha * std::expm1(-h) * D;
    older = newest;
  }
  return x;
}

/// Lu et al. 2022, arXiv:2206.00927, the noise form: multistep DPM-Solver-2 as its authors publish it.
inline double dpm_2m(levels l, double x, const prediction_of& eps) {
  double older = 0;
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double h = l[i + 1].lambda - l[i].lambda, newest = eps(x, l[i]), phi_1 = std::expm1(h);
    double next = l[i + 1].alpha / l[i].alpha * x - l[i + 1].sigma * phi_1 * newest;
    if (i > 0) {
      const double r0 = (l[i].lambda - l[i - 1].lambda) / h;
      next -= 0.5 * l[i + 1].sigma * phi_1 * (1 / r0) * (newest - older);
    }
    x = next;
    older = newest;
  }
  return x;
}

/// DPM-Solver++(3M) as its authors publish it (multistep_dpm_solver_third_update of their code): the second divided
/// difference is used where twice of it belongs.
inline double dpmpp_3m_published(levels l, double x, const prediction_of& x0) {
  double m1 = 0, m2 = 0;
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double h = l[i + 1].lambda - l[i].lambda, m0 = x0(x, l[i]), alpha = l[i + 1].alpha;
    const double phi_1 = std::expm1(-h);
    double next = l[i + 1].sigma / l[i].sigma * x - alpha * phi_1 * m0;
    if (i > 0 && std::isfinite(h)) {
      const double r0 = (l[i].lambda - l[i - 1].lambda) / h, D1_0 = (m0 - m1) / r0;
      if (i == 1) next -= 0.5 * alpha * phi_1 * D1_0;
      else {
        const double r1 = (l[i - 1].lambda - l[i - 2].lambda) / h, D1_1 = (m1 - m2) / r1;
        const double D1 = D1_0 + r0 / (r0 + r1) * (D1_0 - D1_1), D2 = (D1_0 - D1_1) / (r0 + r1);
        const double phi_2 = phi_1 / h + 1, phi_3 = phi_2 / h - 0.5;
        next += alpha * phi_2 * D1 - alpha * phi_3 * D2;
      }
    }
    x = next;
    m2 = m1;
    m1 = m0;
  }
  return x;
}

}  // namespace diffode_reference
