// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace goldens {

using json = nlohmann::json;

/// A case that did not come out as it should, and why.
struct wrong_case : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A case that asks for something the library does not have, named.
struct unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Samples of equal dimension, one after another.
struct samples {
  std::size_t count = 0, dimension = 0;
  std::vector<double> values;
};

/// A JSON object that remembers which of its fields somebody has asked for, so that none is ever ignored unseen.
///
/// A field whose value is null counts as absent.
/// Errors  wrong_case for a missing field, a value of another type, and from `done` for a field nobody asked for
class fields {
 public:
  fields(const json& object, std::string path);

  bool has(std::string_view key);
  double number(std::string_view key);
  double number(std::string_view key, double otherwise) { return has(key) ? number(key) : otherwise; }
  int integer(std::string_view key);
  int integer(std::string_view key, int otherwise) { return has(key) ? integer(key) : otherwise; }
  bool flag(std::string_view key);
  bool flag(std::string_view key, bool otherwise) { return has(key) ? flag(key) : otherwise; }
  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string otherwise) { return has(key) ? text(key) : otherwise; }
  std::vector<double> numbers(std::string_view key);
  std::vector<std::optional<double>> numbers_or_null(std::string_view key);
  /// A list of lists, which may be of different lengths.
  std::vector<std::vector<double>> rows(std::string_view key);
  std::vector<int> integers(std::string_view key);
  std::vector<bool> flags(std::string_view key);
  samples batch(std::string_view key);
  std::vector<samples> batches(std::string_view key);
  fields object(std::string_view key);
  std::vector<fields> objects(std::string_view key);

  /// Takes a field that has no bearing on the result.
  void skip(std::string_view key) { has(key); }
  /// Refuses fields that nobody asked for.
  void done() const;

  const std::string& path() const { return path_; }
  std::string name(std::string_view key) const;

 private:
  const json& at(std::string_view key);

  const json& object_;
  std::string path_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace goldens
