// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/safetensors.hpp"
#include "diffode/statistics/finish.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace diffode {

/// Lambdas of a table whose file has none: equidistant, from the first row to the last.
struct lambda_ends {
  double from, to;
};

namespace detail {

/// Four arrays, rows first, as a table that has been checked as model_statistics checks it.
struct stored_array {
  tensor_shape shape;
  std::vector<double> values;
};
inline result<measured_statistics> try_statistics_of(const std::string& name, std::optional<stored_array> lambda, std::array<stored_array, 3> lsb,
                                                     const std::optional<lambda_ends>& ends) {
  const auto refused = [&](const auto&... parts) { return refuse(errc::bad_file, name, ": ", parts...); };
  const tensor_shape& shape = lsb[0].shape;
  if (shape.empty()) return refused("l has shape [], needs an axis of rows");
  for (const std::size_t k : {1U, 2U})
    if (lsb[k].shape != shape) return refused(k == 1 ? "s" : "b", " has shape ", to_string(lsb[k].shape), ", needs that of l, ", to_string(shape));
  measured_statistics all;
  if (lambda) {
    if (lambda->shape != tensor_shape{shape[0]})
      return refused("lambda has shape ", to_string(lambda->shape), ", needs one for each row of l, ", to_string(tensor_shape{shape[0]}));
    all.lambda = std::move(lambda->values);
  } else if (!ends)
    return refused("has no lambdas, needs the ends that they go from and to, equidistant");
  else if (lsb[0].values.empty())
    return refused("l has shape ", to_string(shape), ", needs elements");
  else
    for (std::size_t i = 0; i < shape[0]; ++i)
      all.lambda.push_back(i + 1 == shape[0] ? ends->to
                                             : ends->from + (ends->to - ends->from) / static_cast<double>(shape[0] - 1) * static_cast<double>(i));
  all.l = std::move(lsb[0].values), all.s = std::move(lsb[1].values), all.b = std::move(lsb[2].values);
  if (const fault f = check_statistics({.lambda = all.lambda, .l = all.l, .s = all.s, .b = all.b})) return refused(f->what());
  return all;
}

inline result<measured_statistics> try_statistics_of_tensors(const safetensors_file& file, const std::optional<lambda_ends>& ends) {
  const auto take = [&](const char* key) -> result<stored_array> {
    result<std::vector<double>> numbers = file.try_numbers(key);
    if (!numbers) return *numbers.reason();
    return stored_array{file.tensors().at(key).shape, std::move(numbers).value()};
  };
  std::optional<stored_array> lambda;
  if (file.tensors().contains("lambda")) {
    result<stored_array> found = take("lambda");
    if (!found) return *found.reason();
    lambda = std::move(found).value();
  }
  std::array<stored_array, 3> lsb;
  for (std::size_t k = 0; k < 3; ++k) {
    result<stored_array> found = take(std::array{"l", "s", "b"}[k]);
    if (!found) return *found.reason();
    lsb[k] = std::move(found).value();
  }
  return try_statistics_of(file.name(), std::move(lambda), std::move(lsb), ends);
}

}  // namespace detail

/// Statistics as a safetensors file: `lambda` [rows], and `l`, `s`, `b` [rows, columns].
inline std::string safetensors_of(const measured_statistics& all) {
  const tensor_shape shape{all.lambda.size(), all.columns()};
  const named_numbers tensors[] = {{"lambda", {all.lambda.size()}, all.lambda}, {"l", shape, all.l}, {"s", shape, all.s}, {"b", shape, all.b}};
  return safetensors_bytes(tensors, {{"format", "diffode statistics 1"}});
}

/// Statistics from the bytes of a safetensors file with `l`, `s`, `b` of F64 or F32, rows first, and, if it has them, `lambda`.
///
/// name    what messages call the file
/// ends    of the lambdas, where the file has none
/// Errors  refuses damaged files, arrays of unequal shape, numbers that are not finite, lambdas that repeat or turn
inline result<measured_statistics> try_statistics_of_safetensors(std::span<const char> bytes, const std::string& name,
                                                                 const std::optional<lambda_ends>& ends = {}) {
  const result<safetensors_file> read = safetensors_file::try_parse(bytes, name);
  if (!read) return *read.reason();
  return detail::within_memory(name, [&] { return detail::try_statistics_of_tensors(read.value(), ends); });
}

/// Reads a safetensors file of statistics.
inline result<measured_statistics> try_load_statistics(const std::filesystem::path& path, const std::optional<lambda_ends>& ends = {}) {
  const auto bytes = detail::try_read_file(path);
  if (!bytes) return *bytes.reason();
  return try_statistics_of_safetensors(bytes.value(), path.string(), ends);
}
inline measured_statistics load_statistics(const std::filesystem::path& path, const std::optional<lambda_ends>& ends = {}) {
  return try_load_statistics(path, ends).value();
}

/// Writes a safetensors file of statistics.
/// Errors  refuses statistics that could not be read back, and paths that cannot be written
inline fault try_save(const measured_statistics& all, const std::filesystem::path& path) {
  if (const fault f = detail::check_statistics({.lambda = all.lambda, .l = all.l, .s = all.s, .b = all.b})) return f;
  return detail::try_write_file(path, safetensors_of(all));
}
inline void save(const measured_statistics& all, const std::filesystem::path& path) { raise(try_save(all, path)); }

}  // namespace diffode
