// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

namespace diffode_tools {

/// A number from `least` to `most`, both allowed. CLI::Range lets nan pass, which is neither below nor above.
inline CLI::Validator number_in(double least, double most) {
  const std::string allowed = fmt::format("{:g} to {:g}", least, most);
  const auto why_not = [=](const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool fits = end != text.c_str() && *end == '\0' && value >= least && value <= most;
    return fits ? std::string() : fmt::format("is '{}', needs a number from {}", text, allowed);
  };
  return {[=](std::string& text) { return why_not(text); }, "FLOAT in [" + allowed + "]"};
}

}  // namespace diffode_tools
