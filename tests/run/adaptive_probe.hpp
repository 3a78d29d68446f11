// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "conformance/told.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/run/adaptive.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace diffode_test {

inline const std::vector<double> start_values{-2.1, -0.7, 0.05, 0.9, 1.7};

/// A perfect model that counts how often it is asked and remembers where.
struct witness {
  told what = told::eps;
  std::vector<diffode::level<>> asked{};

  void operator()(std::span<const double> x, const diffode::level<>& at, std::span<double> out) {
    asked.push_back(at);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = returned(what, mixture{}.at(x[i], at), at);
  }
};

inline diffode::adaptive over(const family& f, double tolerance, diffode::step_rule rule = {}) {
  return {f.path, {.from = f.from, .to = f.to, .rtol = tolerance, .atol = tolerance, .rule = rule}};
}

inline std::vector<double> start_of(const family& f) {
  std::vector<double> x = start_values;
  for (double& v : x) v *= f.path.at(f.from).sigma;
  return x;
}

inline std::string message(const diffode::result<diffode::run_report>& r) { return r ? "accepted" : r.reason()->what(); }

}  // namespace diffode_test
