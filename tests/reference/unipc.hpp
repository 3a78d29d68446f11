// SPDX-License-Identifier: MIT
#pragma once

#include "reference/loop.hpp"

namespace diffode_reference {

/// Zhao et al. 2023, arXiv:2302.04867, Algorithms 5 and 6 (UniPC-2, data prediction, B(h) = e^h - 1), order lowered to
/// 1 at both ends. The state before the step is kept and the corrector starts again from it, with the evaluation at the
/// predicted state, which is also the next step's.
inline double unipc_2_bh2(levels l, double x, const prediction_of& x0) {
  double older = 0, newest = x0(x, l[0]);
  const std::size_t steps = l.size() - 1;
  for (std::size_t i = 0; i < steps; ++i) {
    const level<>&s = l[i], &t = l[i + 1];
    const double h = t.lambda - s.lambda, phi_1 = std::expm1(-h), B = phi_1;
    const bool second_order = i > 0 && i + 1 < steps && std::isfinite(h);
    const double base = t.sigma / s.sigma * x - t.alpha * phi_1 * newest;
    const double r1 = i > 0 ? (l[i - 1].lambda - s.lambda) / h : 0;  // below 0
    double predicted = base;
    if (second_order) predicted -= t.alpha * B * 0.5 * (older - newest) / r1;
    if (i + 1 == steps) return predicted;
    const double there = x0(predicted, t);
    if (!second_order) x = base - t.alpha * B * 0.5 * (there - newest);
    else {
      // The system sum_k r_k^(q-1) rho_k = q! h phi_(q+1)(-h) / B for q = 1, 2, with r = (r1, 1), solved by hand.
      const double b1 = (phi_1 / -h - 1) / B, b2 = ((phi_1 / -h - 1) / -h - 0.5) * 2 / B;
      const double rho_1 = (b1 - b2) / (1 - r1), rho_2 = b1 - rho_1;
      x = base - t.alpha * B * (rho_1 * (older - newest) / r1 + rho_2 * (there - newest));
    }
    older = newest;
    newest = there;
  }
  return x;
}

}  // namespace diffode_reference
