// SPDX-License-Identifier: MIT
#include "fields.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace goldens {

namespace {

[[noreturn]] void refuse(const std::string& name, const json& value, const char* needs) {
  throw wrong_case(name + " is " + value.dump().substr(0, 60) + ", needs " + needs);
}

double as_number(const std::string& name, const json& value) {
  if (!value.is_number()) refuse(name, value, "a number");
  return value.get<double>();
}

int as_integer(const std::string& name, const json& value) {
  const double number = as_number(name, value);
  if (number != std::floor(number) || std::abs(number) > std::numeric_limits<int>::max())
    refuse(name, value, "an integer");
  return static_cast<int>(number);
}

bool as_flag(const std::string& name, const json& value) {
  if (!value.is_boolean()) refuse(name, value, "true or false");
  return value.get<bool>();
}

/// Each element of an array, turned into a T.
template <class T, class F>
std::vector<T> each(const std::string& name, const json& value, F turn) {
  if (!value.is_array()) refuse(name, value, "an array");
  std::vector<T> all;
  for (std::size_t i = 0; i < value.size(); ++i) all.push_back(turn(name + "[" + std::to_string(i) + "]", value[i]));
  return all;
}

samples as_batch(const std::string& name, const json& value) {
  const auto rows = each<std::vector<double>>(
      name, value, [](const std::string& n, const json& v) { return each<double>(n, v, as_number); });
  samples batch;
  batch.count = rows.size();
  batch.dimension = rows.empty() ? 0 : rows[0].size();
  for (const std::vector<double>& row : rows) {
    if (row.size() != batch.dimension) refuse(name, value, "samples of equal dimension");
    batch.values.insert(batch.values.end(), row.begin(), row.end());
  }
  return batch;
}

}  // namespace

fields::fields(const json& object, std::string path) : object_(object), path_(std::move(path)) {
  if (!object.is_object()) refuse(path_.empty() ? "case" : path_, object, "an object");
}

std::string fields::name(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

bool fields::has(std::string_view key) {
  seen_.emplace(key);
  const auto found = object_.find(std::string(key));
  return found != object_.end() && !found->is_null();
}

const json& fields::at(std::string_view key) {
  if (!has(key)) throw wrong_case(name(key) + " is missing");
  return *object_.find(std::string(key));
}

double fields::number(std::string_view key) { return as_number(name(key), at(key)); }
int fields::integer(std::string_view key) { return as_integer(name(key), at(key)); }
bool fields::flag(std::string_view key) { return as_flag(name(key), at(key)); }

std::string fields::text(std::string_view key) {
  const json& value = at(key);
  if (!value.is_string()) refuse(name(key), value, "a text");
  return value.get<std::string>();
}

std::vector<double> fields::numbers(std::string_view key) { return each<double>(name(key), at(key), as_number); }
std::vector<std::optional<double>> fields::numbers_or_null(std::string_view key) {
  return each<std::optional<double>>(name(key), at(key), [](const std::string& n, const json& v) {
    return v.is_null() ? std::nullopt : std::optional(as_number(n, v));
  });
}
std::vector<std::vector<double>> fields::rows(std::string_view key) {
  return each<std::vector<double>>(name(key), at(key), [](const std::string& n, const json& v) { return each<double>(n, v, as_number); });
}
std::vector<int> fields::integers(std::string_view key) { return each<int>(name(key), at(key), as_integer); }
std::vector<bool> fields::flags(std::string_view key) { return each<bool>(name(key), at(key), as_flag); }
samples fields::batch(std::string_view key) { return as_batch(name(key), at(key)); }
std::vector<samples> fields::batches(std::string_view key) { return each<samples>(name(key), at(key), as_batch); }
fields fields::object(std::string_view key) { return {at(key), name(key)}; }
std::vector<fields> fields::objects(std::string_view key) {
  std::vector<fields> all;
  const json& list = at(key);
  if (!list.is_array()) throw wrong_case(name(key) + " is no list of objects");
  for (std::size_t i = 0; i < list.size(); ++i) all.push_back({list[i], name(key) + "[" + std::to_string(i) + "]"});
  return all;
}

void fields::done() const {
  for (const auto& [key, value] : object_.items())
    if (!seen_.contains(key)) throw wrong_case("unknown field " + name(key) + " = " + value.dump().substr(0, 60));
}

}  // namespace goldens
