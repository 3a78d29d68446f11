// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"
#include "diffode/core/prediction.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace diffode {

/// Linear guidance: F = sum_k weight[k] * F_k over several outputs of the model.
///
/// Source     classifier-free guidance, Ho and Salimans 2022, arXiv:2207.12598; the interval, Kynkaanniemi et al. 2024,
///            arXiv:2404.07724
/// Shapes     outputs of them; the weights sum to 1, so mixing before or after the conversion to x0 is the same
/// interval   outside [from_lambda, to_lambda] only output 0 is wanted; the model is not asked for the others there
struct guidance {
  int outputs = 1;
  std::array<double, max_outputs> weight{1, 0, 0, 0};
  double from_lambda = -std::numeric_limits<double>::infinity();
  double to_lambda = std::numeric_limits<double>::infinity();

  template <coefficient R>
  std::array<R, max_outputs> weights(const level<R>& at) const {
    std::array<R, max_outputs> w{};
    for (int k = 0; k < outputs; ++k) {
      const double inside = weight[static_cast<std::size_t>(k)], outside = k == 0 ? 1 : 0;
      w[static_cast<std::size_t>(k)] = each(
          [&](double lambda) { return from_lambda <= lambda && lambda <= to_lambda ? inside : outside; }, at.lambda);
    }
    return w;
  }

  fault check() const {
    using detail::refuse;
    if (outputs < 1 || outputs > max_outputs)
      return refuse(errc::bad_model, "guidance: outputs is ", outputs, ", needs 1 to ", max_outputs);
    for (int k = 0; k < outputs; ++k)
      if (const double w = weight[static_cast<std::size_t>(k)]; !std::isfinite(w))
        return refuse(errc::bad_model, "guidance: weight ", k, " is ", w, ", needs a finite number");
    double sum = 0;
    for (int k = 0; k < outputs; ++k) sum += weight[static_cast<std::size_t>(k)];
    if (!(std::abs(sum - 1) <= 1e-12))
      return refuse(errc::bad_model, "guidance: the weights sum to ", sum, ", need to sum to 1");
    if (!(from_lambda <= to_lambda))
      return refuse(errc::bad_model, "guidance: from_lambda is ", from_lambda, ", needs a number not above to_lambda = ", to_lambda);
    return {};
  }
};

/// Classifier-free guidance: F = F_1 + scale*(F_0 - F_1), with output 0 conditional and output 1 unconditional.
/// scale 1 is no guidance, 0 ignores the condition.
inline guidance classifier_free(double scale) { return {.outputs = 2, .weight = {scale, 1 - scale, 0, 0}}; }

}  // namespace diffode
