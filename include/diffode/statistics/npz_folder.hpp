// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/npz.hpp"
#include "diffode/statistics/statistics_file.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

/// What files that were written together have in common, and others not: a number made from every bit of the table, in two
/// halves that are exact in double. So the second file of a new table is never taken for that of an old one.
inline std::vector<double> pair_mark(const measured_statistics& all) {
  std::uint64_t mark = 0xcbf29ce484222325;  // FNV-1a
  for (const std::vector<double>* numbers : {&all.lambda, &all.l, &all.s, &all.b})
    for (const double v : *numbers)
      for (std::uint64_t bits = std::bit_cast<std::uint64_t>(v), k = 0; k < 8; ++k, bits >>= 8) mark = (mark ^ (bits & 0xff)) * 0x100000001b3;
  return {static_cast<double>(mark >> 32), static_cast<double>(mark & 0xffffffff)};
}

inline result<measured_statistics> try_statistics_of_pair(const npz_file& l, const npz_file& sb, const std::string& name,
                                                          const std::optional<lambda_ends>& ends) {
  const auto take = [](const npz_file& file, const char* key) -> result<stored_array> {
    result<npy_array> found = file.try_find(key);
    if (!found) return *found.reason();
    return stored_array{std::move(found.value().shape), std::move(found.value().values)};
  };
  std::vector<double> marks[2];
  for (std::size_t k = 0; k < 2; ++k) {
    const npz_file& file = k == 0 ? l : sb;
    if (!file.has("pair")) continue;
    result<stored_array> found = take(file, "pair");
    if (!found) return *found.reason();
    marks[k] = std::move(found).value().values;
  }
  if (marks[0] != marks[1])
    return refuse(errc::bad_file, name, ": l.npz and sb.npz have different arrays 'pair', needs files that were written together");
  std::optional<stored_array> lambda;
  if (l.has("lambda")) {
    result<stored_array> found = take(l, "lambda");
    if (!found) return *found.reason();
    lambda = std::move(found).value();
  }
  std::array<stored_array, 3> lsb;
  for (std::size_t k = 0; k < 3; ++k) {
    result<stored_array> found = take(k == 0 ? l : sb, std::array{"l", "s", "b"}[k]);
    if (!found) return *found.reason();
    lsb[k] = std::move(found).value();
  }
  return try_statistics_of(name, std::move(lambda), std::move(lsb), ends);
}

}  // namespace detail

/// Statistics from the bytes of two .npz files, `l` in one, `s` and `b` in the other, as the paper's authors store them; `lambda`
/// may be beside l, and `pair` in both. Otherwise as the safetensors file.
/// Errors  refuses, besides, files whose `pair` differ: they are of two tables
inline result<measured_statistics> try_statistics_of_npz(std::span<const char> l_bytes, std::span<const char> sb_bytes, const std::string& name,
                                                         const std::optional<lambda_ends>& ends = {}) {
  const result<npz_file> l = npz_file::try_parse(l_bytes, name + ": l.npz"), sb = npz_file::try_parse(sb_bytes, name + ": sb.npz");
  for (const auto* file : {&l, &sb})
    if (!*file) return *file->reason();
  return detail::within_memory(name, [&] { return detail::try_statistics_of_pair(l.value(), sb.value(), name, ends); });
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

/// Writes a folder with l.npz (and the lambdas in it) and sb.npz. Both are written beside their places before the first is put
/// there; should the program be stopped between the two, the files are of two tables, and refused when they are read.
/// Errors  refuses statistics that could not be read back, and paths that cannot be written
inline fault try_save_npz(const measured_statistics& all, const std::filesystem::path& folder) {
  if (const fault f = detail::check_statistics({.lambda = all.lambda, .l = all.l, .s = all.s, .b = all.b})) return f;
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return detail::refuse(errc::bad_file, folder.string(), ": cannot be made a folder: ", problem.message());
  const tensor_shape shape{all.lambda.size(), all.columns()};
  const npy_array mark{{2}, detail::pair_mark(all)};
  const std::pair<std::string, npy_array> l[] = {{"l", {shape, all.l}}, {"lambda", {{all.lambda.size()}, all.lambda}}, {"pair", mark}},
                                          sb[] = {{"s", {shape, all.s}}, {"b", {shape, all.b}}, {"pair", mark}};
  const result<std::string> l_bytes = try_npz_bytes(l), sb_bytes = try_npz_bytes(sb);
  for (const auto* bytes : {&l_bytes, &sb_bytes})
    if (!*bytes) return *bytes->reason();
  detail::file_beside l_file(folder / "l.npz"), sb_file(folder / "sb.npz");
  if (const fault f = l_file.write(l_bytes.value())) return f;
  if (const fault f = sb_file.write(sb_bytes.value())) return f;
  if (const fault f = l_file.put_in_place()) return f;
  return sb_file.put_in_place();
}
inline void save_npz(const measured_statistics& all, const std::filesystem::path& folder) { raise(try_save_npz(all, folder)); }

}  // namespace diffode
