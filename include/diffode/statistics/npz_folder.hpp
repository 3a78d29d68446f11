// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/npz.hpp"
#include "diffode/statistics/statistics_file.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace diffode {

/// Statistics from the bytes of two .npz files, `l` in one, `s` and `b` in the other, as the paper's authors store them; `lambda`
/// may be beside l. Otherwise as the safetensors file.
inline result<measured_statistics> try_statistics_of_npz(std::span<const char> l_bytes, std::span<const char> sb_bytes, const std::string& name,
                                                         const std::optional<lambda_ends>& ends = {}) {
  const result<npz_file> l = npz_file::try_parse(l_bytes, name + ": l.npz"), sb = npz_file::try_parse(sb_bytes, name + ": sb.npz");
  for (const auto* file : {&l, &sb})
    if (!*file) return *file->reason();
  const auto take = [](const npz_file& file, const char* key) -> result<detail::stored_array> {
    result<npy_array> found = file.try_find(key);
    if (!found) return *found.reason();
    return detail::stored_array{std::move(found.value().shape), std::move(found.value().values)};
  };
  std::optional<detail::stored_array> lambda;
  if (l.value().has("lambda")) {
    const auto found = take(l.value(), "lambda");
    if (!found) return *found.reason();
    lambda = found.value();
  }
  std::array<detail::stored_array, 3> lsb;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto found = take(k == 0 ? l.value() : sb.value(), std::array{"l", "s", "b"}[k]);
    if (!found) return *found.reason();
    lsb[k] = found.value();
  }
  return detail::try_statistics_of(name, std::move(lambda), std::move(lsb), ends);
}

/// Reads a folder with l.npz and sb.npz.
inline result<measured_statistics> try_load_npz_statistics(const std::filesystem::path& folder, const std::optional<lambda_ends>& ends = {}) {
  const auto l = detail::try_read_file(folder / "l.npz"), sb = detail::try_read_file(folder / "sb.npz");
  for (const auto* bytes : {&l, &sb})
    if (!*bytes) return *bytes->reason();
  return try_statistics_of_npz(l.value(), sb.value(), folder.string(), ends);
}
inline measured_statistics load_npz_statistics(const std::filesystem::path& folder, const std::optional<lambda_ends>& ends = {}) {
  return try_load_npz_statistics(folder, ends).value();
}

/// Writes a folder with l.npz (and the lambdas in it) and sb.npz.
/// Errors  refuses statistics that could not be read back, and paths that cannot be written
inline fault try_save_npz(const measured_statistics& all, const std::filesystem::path& folder) {
  if (const fault f = detail::check_statistics({.lambda = all.lambda, .l = all.l, .s = all.s, .b = all.b})) return f;
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return detail::refuse(errc::bad_file, folder.string(), ": cannot be made a folder: ", problem.message());
  const tensor_shape shape{all.lambda.size(), all.columns()};
  const std::pair<std::string, npy_array> l[] = {{"l", {shape, all.l}}, {"lambda", {{all.lambda.size()}, all.lambda}}},
                                          sb[] = {{"s", {shape, all.s}}, {"b", {shape, all.b}}};
  const result<std::string> l_bytes = try_npz_bytes(l), sb_bytes = try_npz_bytes(sb);
  for (const auto* bytes : {&l_bytes, &sb_bytes})
    if (!*bytes) return *bytes->reason();
  if (const fault f = detail::try_write_file(folder / "l.npz", l_bytes.value())) return f;
  return detail::try_write_file(folder / "sb.npz", sb_bytes.value());
}
inline void save_npz(const measured_statistics& all, const std::filesystem::path& folder) { raise(try_save_npz(all, folder)); }

}  // namespace diffode
