// SPDX-License-Identifier: MIT
#pragma once

#include "reference/loop.hpp"

namespace diffode_reference {

/// Song et al. 2021, arXiv:2010.02502, eq. (12) with sigma = 0: x0 and noise as predicted, put together anew.
inline double ddim(levels l, double x, const prediction_of& x0) {
  for (std::size_t i = 0; i + 1 < l.size(); ++i) {
    const double clean = x0(x, l[i]), noise = (x - l[i].alpha * clean) / l[i].sigma;
    x = l[i + 1].alpha * clean + l[i + 1].sigma * noise;
  }
  return x;
}

}  // namespace diffode_reference
