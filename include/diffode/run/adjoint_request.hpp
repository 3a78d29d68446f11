// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/request.hpp"

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode {

/// As a number of checkpoints: what every evaluation was asked on is kept, and none is made twice.
inline constexpr int every_evaluation = -1;

/// What a gradient has to know of a run.
struct adjoint_options {
  std::size_t batch = 1;               ///< samples in the state, one after another
  /// States that are kept between the start and the end. `every_evaluation`: what each evaluation was asked on, and none is
  /// made again; 0: the start alone, and a run of n evaluations makes up to n (n - 1)/2 of them again.
  int checkpoints = every_evaluation;
  bool coefficients = false;           ///< whether dL/dc of every coefficient of the plan is wanted
  bool labels = false;                 ///< and dL/dlabel of every evaluation, which the model has to answer
  friend bool operator==(const adjoint_options&, const adjoint_options&) = default;
};

/// The gradient of a loss with respect to the numbers of a plan.
///
/// Shapes  coefficients: outs x ins x lanes for each combine, from instruction.coefficients on; labels: evaluations x lanes;
///         empty where not asked for
struct plan_gradient {
  std::vector<double> coefficients, labels;

  /// Adds that of another run of the same plan; to one that is empty, any.
  plan_gradient& operator+=(const plan_gradient& other) {
    const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
      if (to.empty()) to.resize(from.size());
      assert(to.size() == from.size());
      for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
    };
    add(coefficients, other.coefficients);
    add(labels, other.labels);
    return *this;
  }
};

/// What a run for a gradient is waiting for: an evaluation, or a vector-Jacobian product.
template <class T>
struct adjoint_request {
  request<T> call;                  ///< the evaluation; of a product, the one that it belongs to, with outputs = 1 << output
  std::span<const T> cotangent = {};  ///< of a product: v, x-sized; wanted is v^T dF/dx on call.x, also x-sized
  int output = 0;                   ///< of a product: which output of the model F is
  bool wants_label = false;         ///< of a product: wanted is v^T dF/dlabel too, one number for each lane
  double weight = 1;                ///< of a product: what v^T dF/dtheta counts for in dL/dtheta, for parameters theta of yours

  bool is_product() const { return !cotangent.empty(); }
};

}  // namespace diffode
