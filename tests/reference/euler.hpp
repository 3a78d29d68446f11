// SPDX-License-Identifier: MIT
#pragma once

#include "reference/loop.hpp"

namespace diffode_reference {

/// Karras et al. 2022, arXiv:2206.00364, Algorithm 1 without its second half: y = x/alpha, noise level rho = sigma/alpha.
inline double euler(levels l, double x, const prediction_of& x0) {
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double rho = l[i].sigma / l[i].alpha, next = l[i + 1].sigma / l[i + 1].alpha;
    const double y = x / l[i].alpha, slope = (y - x0(x, l[i])) / rho;
    x = l[i + 1].alpha * (y + (next - rho) * slope);
  }
  return x;
}

/// The same, Algorithm 1 (with s(t) = 1, sigma(t) = t), complete: the trapezoidal rule where the next rho is not 0.
inline double heun(levels l, double x, const prediction_of& x0) {
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double rho = l[i].sigma / l[i].alpha, next = l[i + 1].sigma / l[i + 1].alpha;
    const double y = x / l[i].alpha, slope = (y - x0(x, l[i])) / rho;
    double end = y + (next - rho) * slope;
    if (next != 0) {
      const double slope_there = (end - x0(l[i + 1].alpha * end, l[i + 1])) / next;
      end = y + (next - rho) * (0.5 * slope + 0.5 * slope_there);
    }
    x = l[i + 1].alpha * end;
  }
  return x;
}

/// Heun's method along the straight path z = (1 - u) x0 + u eps, u = sigma/(alpha + sigma), with the velocity dz/du.
inline double heun_in_flow_time(levels l, double x, const prediction_of& x0) {
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double scale = l[i].alpha + l[i].sigma, next_scale = l[i + 1].alpha + l[i + 1].sigma;
    const double u = l[i].sigma / scale, next = l[i + 1].sigma / next_scale;
    const double z = x / scale, velocity = (z - x0(x, l[i])) / u;
    double end = z + (next - u) * velocity;
    if (next != 0) {
      const double velocity_there = (end - x0(next_scale * end, l[i + 1])) / next;
      end = z + (next - u) * (velocity + velocity_there) / 2;
    }
    x = next_scale * end;
  }
  return x;
}

}  // namespace diffode_reference
