// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/diffode.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diffode_bench {

namespace dd = diffode;

/// A method of diffode::all_methods with its defaults, as something that plans runs.
struct candidate {
  std::string name;
  std::function<dd::result<dd::plan>(const dd::grid&)> on_eps, on_flow;  ///< for models that predict noise, or velocity
};

template <dd::method... M>
std::vector<candidate> candidates(dd::type_list<M...>) {
  const auto plans = []<class How, class Model>(How how, Model model) {
    return [how, model](const dd::grid& levels) { return dd::try_compile(how, levels, model); };
  };
  return {{M::name, plans(M{}, dd::eps_model{}), plans(M{}, dd::flow_model{})}...};
}

/// One point of a work-precision diagram.
struct result_point {
  std::string problem, method, measure;
  bool random;
  int budget, evaluations, steps;
  double error;
};

/// A plan of as many steps as `budget` evaluations allow, or nothing where the method refuses such grids or even one step
/// costs more.
inline std::optional<dd::plan> plan_within(const std::function<dd::result<dd::plan>(const dd::grid&)>& on,
                                           const std::function<dd::grid(int)>& levels, int budget) {
  for (int steps = budget; steps >= 1; --steps) {
    dd::result<dd::plan> made = on(levels(steps));
    if (made && made.value().calls() <= budget) return std::move(made).value();
  }
  return std::nullopt;
}

}  // namespace diffode_bench
