// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/diffode.hpp"
#include "fields.hpp"

#include <optional>
#include <string>
#include <vector>

namespace goldens {

/// The rule with this name in a configuration file.
diffode::beta_rule read_beta_rule(const std::string& where, const std::string& name);

/// The schedule of a continuous case, in times from 0 to 1 (EDM: in sigma), and how long its table is if it has one.
struct timed_schedule {
  diffode::noise_path path;
  std::optional<int> table_length = {};
};

/// first, last: times that the case is going to ask for
/// shortens: whether a table first loses its entries with lambda < -5.1
timed_schedule read_schedule(fields from, double first, double last, bool shortens);

/// The table of {kind, n, beta_start, beta_end}.
diffode::discrete read_betas(fields from, diffode::interpolation between);

/// rho of each of the first `count` levels.
std::vector<double> rhos(const diffode::grid& levels, std::size_t count);
inline std::vector<double> rhos(const diffode::grid& levels) { return rhos(levels, levels.size()); }

}  // namespace goldens
