// SPDX-License-Identifier: MIT
#include "mixture.hpp"

#include <algorithm>
#include <cmath>

namespace goldens {

answer read_answer(fields& from, std::string_view key) {
  const std::string name = from.text(key);
  if (name == "epsilon") return answer::epsilon;
  if (name == "x0") return answer::x0;
  if (name == "v") return answer::v;
  if (name == "flow") return answer::flow;
  throw wrong_case(from.name(key) + " is " + name + ", needs epsilon, x0, v or flow");
}

mixture::mixture(fields from)
    : dimension_(static_cast<std::size_t>(from.integer("dim"))),
      weights_(from.numbers("weights")),
      variances_(from.numbers("variances")),
      means_(from.batch("means")) {
  if (const std::string type = from.text("type"); type != "gaussian_mixture")
    throw wrong_case(from.name("type") + " is " + type + ", needs gaussian_mixture");
  from.done();
  if (weights_.empty() || weights_.size() != variances_.size() || weights_.size() != means_.count ||
      means_.dimension != dimension_)
    throw wrong_case(from.path() + ": weights, means and variances do not fit together");
}

void mixture::operator()(answer what, double alpha, double sigma, std::span<const double> x,
                         std::span<double> out) const {
  for (std::size_t first = 0; first < x.size(); first += dimension_)
    one(what, alpha, sigma, x.subspan(first, dimension_), out.subspan(first, dimension_));
}

void mixture::one(answer what, double alpha, double sigma, std::span<const double> x, std::span<double> out) const {
  const std::size_t components = weights_.size();
  std::vector<double> share(components), variance(components);
  for (std::size_t k = 0; k < components; ++k) {
    variance[k] = alpha * alpha * variances_[k] + sigma * sigma;
    double distance = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      const double off = x[i] - alpha * means_.values[k * dimension_ + i];
      distance += off * off;
    }
    share[k] = std::log(weights_[k]) - 0.5 * static_cast<double>(dimension_) * std::log(variance[k]) -
               distance / (2 * variance[k]);
  }
  const double largest = *std::max_element(share.begin(), share.end());
  double sum = 0;
  for (double& s : share) sum += s = std::exp(s - largest);
  const double norm = std::hypot(alpha, sigma);
  for (std::size_t i = 0; i < dimension_; ++i) {
    double x0 = 0, eps = 0;
    for (std::size_t k = 0; k < components; ++k) {
      const double mean = means_.values[k * dimension_ + i], off = (x[i] - alpha * mean) / variance[k];
      x0 += share[k] / sum * (mean + alpha * variances_[k] * off);
      eps += share[k] / sum * sigma * off;
    }
    switch (what) {
      case answer::epsilon: out[i] = eps; break;
      case answer::x0: out[i] = x0; break;
      case answer::v: out[i] = (alpha * eps - sigma * x0) / norm; break;
      case answer::flow: out[i] = eps - x0; break;
    }
  }
}

}  // namespace goldens
