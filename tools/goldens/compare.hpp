// SPDX-License-Identifier: MIT
#pragma once

#include "fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace goldens {

inline std::string digits(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

/// max |got - wanted| <= tolerance*(1 + max |wanted|), or wrong_case.
struct closeness {
  double tolerance = 1e-9;

  void operator()(const std::string& what, std::span<const double> got, std::span<const double> wanted) const {
    if (got.size() != wanted.size())
      throw wrong_case(what + ": number of values is " + std::to_string(got.size()) + ", needs " +
                       std::to_string(wanted.size()));
    double largest = 0;
    for (const double w : wanted) largest = std::max(largest, std::abs(w));
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double off = std::abs(got[i] - wanted[i]), allowed = tolerance * (1 + largest);
      if (!(off <= allowed))
        throw wrong_case(what + "[" + std::to_string(i) + "] is " + digits(got[i]) + ", needs " + digits(wanted[i]) +
                         " (off by " + digits(off) + ", allowed " + digits(allowed) + ")");
    }
  }

  void operator()(const std::string& what, double got, double wanted) const {
    operator()(what, std::span(&got, 1), std::span(&wanted, 1));
  }

  /// The numbers under `key`, if the case has them.
  void field(fields& output, const char* key, std::span<const double> got) const {
    operator()(output.name(key), got, output.numbers(key));
  }
};

inline void expect_equal(const std::string& what, const std::vector<int>& got, const std::vector<int>& wanted) {
  if (got == wanted) return;
  const auto list = [](const std::vector<int>& all) {
    std::string text;
    for (const int i : all) text += (text.empty() ? "" : " ") + std::to_string(i);
    return text;
  };
  throw wrong_case(what + " is " + list(got) + ", needs " + list(wanted));
}

}  // namespace goldens
