// SPDX-License-Identifier: MIT
#pragma once

#include "formulas.hpp"

#include <diffode/diffode.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace diffode_bench {

/// A method that the benchmarks know, and how many evaluations one of its steps takes.
struct method_case {
  std::string name;
  int stages;
  dd::plan (*with)(const dd::grid&, const dd::compile_options&);

  dd::plan on(const dd::grid& levels, const dd::compile_options& o = {}) const { return with(levels, o); }
};

template <class M>
dd::plan planned(const M& how, const dd::grid& levels, const dd::compile_options& o) {
  return dd::compile(how, levels, dd::eps_model{}, o);
}

inline const std::vector<method_case>& cases() {
  static const std::vector<method_case> all{
      {"ddim", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::ddim{}, g, o); }},
      {"dpmpp_2m", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::dpmpp_2m{}, g, o); }},
      {"dpmpp_3m", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::dpmpp_3m{}, g, o); }},
      {"unipc_2", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::unipc{.p = 2}, g, o); }},
      {"unipc_3", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::unipc{.p = 3}, g, o); }},
      {"deis_3", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::deis{.q = 3}, g, o); }},
      {"heun", 2, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::heun{}, g, o); }},
      {"sde_2m", 1, [](const dd::grid& g, const dd::compile_options& o) { return planned(dd::sde_dpmpp{.p = 2}, g, o); }}};
  return all;
}

inline const method_case& case_named(const std::string& name) {
  for (const method_case& c : cases())
    if (c.name == name) return c;
  std::string known;
  for (const method_case& c : cases()) known += (known.empty() ? "" : ", ") + c.name;
  throw std::invalid_argument("method is '" + name + "', needs one of " + known);
}

/// Every run has so many evaluations. The first `warm_up` and the last `wind_down` are not measured: orders rise and fall
/// there, and combines are smaller.
inline constexpr int run_length = 64, warm_up = 4, wind_down = 4;

/// The levels of every run: a variance-preserving path without its ends, so that numbers stay near 1 in all formats.
inline dd::grid levels_for(const method_case& c) {
  return dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.02, .count = run_length / c.stages});
}
inline course course_of(const dd::grid& levels) { return {levels.path(), {levels.begin(), levels.end()}}; }

}  // namespace diffode_bench
