// SPDX-License-Identifier: MIT
#pragma once

#include <iosfwd>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace goldens {

/// What to run, and how near is near enough.
struct request {
  std::vector<std::string> paths;     ///< golden files, and folders of them
  std::optional<std::string> family;  ///< grid, trajectory or pipeline; all if not given
  std::optional<std::regex> filter;   ///< a case runs if its id has a match
  std::optional<double> tolerance;    ///< instead of 1e-9
};

struct tally {
  int passed = 0, failed = 0, skipped = 0;
};

/// Runs every case, with one line to `out` for each that failed or was skipped, and a last one that counts them.
/// Errors  std::runtime_error that names the file, for a path or file that can not be read as golden data
tally run_all(const request& wanted, std::ostream& out);

}  // namespace goldens
