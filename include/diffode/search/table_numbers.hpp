// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/method/coefficient_table.hpp"
#include "diffode/schedule/noise_path.hpp"

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace diffode::detail {

/// The free numbers of a table: its coefficients, then lambda of its inner levels.
class table_numbers {
 public:
  table_numbers(const coefficient_table& t, noise_path path, bool times) : shape_(t), path_(std::move(path)) {
    for (const coefficient_row& row : t.rows) {
      numbers_.push_back(row.a);
      numbers_.insert(numbers_.end(), row.b.begin(), row.b.end());
    }
    coefficients_ = numbers_.size();
    for (std::size_t i = 1; times && i + 1 < t.times.size(); ++i) numbers_.push_back(path_.at(t.times[i]).lambda);
  }

  std::vector<double> all() const { return numbers_; }
  bool is_level(std::size_t k) const { return k >= coefficients_; }
  /// The table of other numbers; its levels may be out of order, which try_from_times then says.
  coefficient_table of(const std::vector<double>& numbers) const {
    coefficient_table t = shape_;
    std::size_t k = 0;
    for (coefficient_row& row : t.rows) {
      row.a = numbers[k++];
      for (double& b : row.b) b = numbers[k++];
    }
    for (std::size_t i = 1; k < numbers.size(); ++i) t.times[i] = path_.at_lambda(numbers[k++]).t;
    return t;
  }

 private:
  coefficient_table shape_;
  noise_path path_;
  std::vector<double> numbers_;
  std::size_t coefficients_ = 0;
};

inline double mean_square(const std::vector<double>& r) {
  double sum = 0;
  for (const double v : r) sum += v * v;
  return r.empty() ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(r.size());
}

}  // namespace diffode::detail
