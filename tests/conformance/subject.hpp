// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/exact_start.hpp"
#include "conformance/told.hpp"
#include "diffode/core/ramp.hpp"
#include "diffode/run/compile.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace diffode_test {

/// A method with its options, as the suite sees it: something that plans runs. Its type is gone, so that a check is
/// compiled once and not once for each method.
struct subject {
  std::string method, options;
  int order;                   ///< what it claims
  diffode::prediction target;
  std::function<diffode::result<diffode::plan>(const diffode::grid&, const told_form&, const diffode::compile_options&)> plan_on;
  std::function<diffode::result<diffode::plan>(const diffode::fixed<diffode::lanes>&, const told_form&)> plan_lanes;
  /// The same at full order to the end: what is left if a ramp does not lower the last steps.
  std::function<diffode::plan(const diffode::grid&, const told_form&)> plan_full;
  /// The same with exact states at the first points, see exact_start.hpp, and how many of them.
  std::function<diffode::plan(const diffode::grid&, const told_form&)> plan_started;
  int exact = 0;

  std::string name() const { return options.empty() ? method : method + " " + options; }
  diffode::plan on(const diffode::grid& g, told what, const diffode::compile_options& o = {}) const { return plan_on(g, {{what}}, o).value(); }
};

/// Any method can be a subject, whether or not it is in diffode::all_methods.
template <diffode::method M>
subject subject_of(const M& how, std::string options = {}) {
  M full = how;
  if constexpr (requires { full.ends = diffode::ramp::full(); }) full.ends = diffode::ramp::full();
  return {std::string(M::name), std::move(options), how.order(), how.target,
          [how](const diffode::grid& g, const told_form& f, const diffode::compile_options& o) { return diffode::try_compile(how, g, f, o); },
          [how](const diffode::fixed<diffode::lanes>& g, const told_form& f) { return diffode::try_compile(how, g, f); },
          [full](const diffode::grid& g, const told_form& f) { return diffode::compile(full, g, f); },
          [full](const diffode::grid& g, const told_form& f) { return diffode::compile(exact_start<M>{.then = full}, g, f, {.watch_state = true}); },
          how.keep()};
}

/// Every method of diffode::all_methods with its defaults, and with the options that variants.hpp names.
const std::vector<subject>& all_subjects();

/// Those for checks of numbers alone, which look at no other memory than other checks do: all, or in a short run (see
/// effort.hpp) the first of each method.
const std::vector<subject>& subjects_to_measure();

}  // namespace diffode_test
