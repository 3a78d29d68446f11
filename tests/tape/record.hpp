// SPDX-License-Identifier: MIT
#pragma once

// Tapes written by hand, and what their plans say, for the tests of this folder.

#include "diffode/tape/lower.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace diffode_test {

using namespace diffode;

inline value sum(tape<>& code, std::initializer_list<term<>> terms) {
  return code.sum(std::span<const term<>>(terms.begin(), terms.size()));
}

inline value call(tape<>& code, value x, double label = 0) {
  evaluation<> e;
  e.at.label = label;
  return code.output(code.call(x, e), 0);
}

/// Streams of independent noise.
inline std::vector<noise_interval> noise_intervals_of(int streams, const lane_map& lanes = {}) {
  return std::vector<noise_interval>(static_cast<std::size_t>(streams) * lanes.count);
}

inline plan lowered(const tape<>& code, value result, int outputs = 1, int noises = 0) {
  return lowering<double>::run(code, result, {"by hand", {}, 1, outputs, noise_intervals_of(noises)});
}

/// The instructions by their initials: "k" combine, "c" call, "f" filter, "w" watch, "m" measure.
inline std::string shape_of(const plan& p) {
  std::string s;
  for (const instruction& i : p.instructions()) s += "ckfwm"[static_cast<int>(i.what)];
  return s;
}

/// The k-th combine of a plan.
inline const instruction& combine_of(const plan& p, int k = 0) {
  for (const instruction& i : p.instructions())
    if (i.what == operation::combine && k-- == 0) return i;
  throw "no such combine";
}

/// The coefficient of an input in a row of a combine; 0 where it is no input.
inline double weight_of(const plan& p, const instruction& i, int row, operand of, std::size_t lane = 0) {
  const auto in = p.inputs(i);
  for (std::size_t k = 0; k < in.size(); ++k)
    if (in[k] == of) return p.coefficients(i)[(static_cast<std::size_t>(row) * in.size() + k) * p.lanes().count + lane];
  return 0;
}

inline operand held(int slot) { return {operand::kind::held, slot}; }
inline operand output(int k = 0) { return {operand::kind::output, k}; }

}  // namespace diffode_test
