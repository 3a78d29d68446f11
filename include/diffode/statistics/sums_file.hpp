// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/safetensors.hpp"
#include "diffode/statistics/sums.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

inline constexpr std::string_view sums_format = "diffode statistics sums 1";

inline std::string options_text(const statistics_options& o) {
  nlohmann::json all{{"from", o.from},       {"to", o.to},       {"steps", o.steps}, {"elements", o.elements}, {"columns", o.columns},
                     {"samples", o.samples}, {"block", o.block}, {"seed", o.seed},   {"one_noise", o.one_noise}};
  // Sums of one_noise without this mark are of random signs that differed from lambda to lambda: they are other sums.
  if (o.one_noise) all["one_signs"] = true;
  return all.dump();
}

/// Takes a number of a JSON object, or says which is wrong.
template <class T>
fault take_option(const nlohmann::json& from, const char* key, T& to) {
  const auto found = from.find(key);
  bool fits = found != from.end();
  if constexpr (std::same_as<T, bool>) fits = fits && found->is_boolean();
  else if constexpr (std::floating_point<T>) fits = fits && found->is_number();
  else fits = fits && found->is_number_unsigned() &&
                found->template get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  if (!fits)
    return refuse(errc::bad_file, "option '", key, "' is ", found == from.end() ? std::string("missing") : shown(*found),
                  ", needs what was saved there");
  to = found->template get<T>();
  return {};
}

inline result<statistics_options> try_options_of(const std::string& text) {
  const auto from = nlohmann::json::parse(text, nullptr, false);
  if (!from.is_object()) return refuse(errc::bad_file, "options are not a JSON object");
  statistics_options o;
  for (const fault& f : {take_option(from, "from", o.from), take_option(from, "to", o.to), take_option(from, "steps", o.steps),
                         take_option(from, "elements", o.elements), take_option(from, "columns", o.columns), take_option(from, "samples", o.samples),
                         take_option(from, "block", o.block), take_option(from, "seed", o.seed), take_option(from, "one_noise", o.one_noise)})
    if (f) return *f;
  bool one_signs = false;
  if (!o.one_noise) return o;
  if (const fault f = take_option(from, "one_signs", one_signs); f || !one_signs)
    return refuse(errc::bad_file, "option 'one_noise' is true without 'one_signs', needs both: these sums are of an earlier version, "
                                  "whose random signs differed from lambda to lambda, and are to be measured again");
  return o;
}

/// "12+4": four blocks from block 12 on.
inline std::optional<std::pair<std::uint32_t, std::uint32_t>> blocks_of(std::string_view name) {
  std::uint32_t number[2] = {};
  const char *at = name.data(), *const end = at + name.size();
  for (const std::size_t k : {0U, 1U}) {
    if (k == 1 && (at == end || *at++ != '+')) return {};
    const auto [after, problem] = std::from_chars(at, end, number[k]);
    if (problem != std::errc{}) return {};
    at = after;
  }
  if (at != end) return {};
  return std::pair(number[0], number[1]);
}

inline result<statistics_sums> try_sums_of_tensors(const safetensors_file& file) {
  const auto refused = [&](const auto&... parts) { return refuse(errc::bad_file, file.name(), ": ", parts...); };
  std::string text[3];
  for (std::size_t k = 0; k < 3; ++k) {
    const char* const key = std::array{"format", "model", "options"}[k];
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) return refused("metadata '", key, "' is missing");
    text[k] = found->second;
  }
  if (text[0] != sums_format) return refused("metadata 'format' is '", text[0], "', needs '", sums_format, "'");
  const result<statistics_options> o = try_options_of(text[2]);
  if (!o) return refused(o.reason()->what());
  result<statistics_sums> made = statistics_sums::try_make(o.value(), text[1]);
  if (!made) return refused(made.reason()->what());
  const tensor_shape shape{o.value().rows(), o.value().columns, statistics_cell::fields};
  for (const auto& [key, tensor] : file.tensors()) {
    const auto blocks = blocks_of(key);
    if (!blocks) return refused("tensor '", key, "' is not named as blocks are, as in 12+4");
    if (tensor.shape != shape || tensor.type != "F64")
      return refused("tensor '", key, "' has shape ", to_string(tensor.shape), " of ", tensor.type, ", needs ", to_string(shape), " of F64");
    const std::vector<double> values = converted<double, double>(file.bytes(tensor));
    statistics_sums::node n{.first = blocks->first, .blocks = blocks->second,
                            .cells = std::vector<statistics_cell>(values.size() / statistics_cell::fields)};
    for (std::size_t k = 0; k < values.size(); ++k) n.cells[k / statistics_cell::fields].of[k % statistics_cell::fields] = values[k];
    if (const fault f = made.value().try_add(std::move(n))) return refused(f->what());
  }
  return made;
}

}  // namespace detail

/// The bytes of a file that holds partial sums: a safetensors file with a tensor [rows, columns, 10] for each node.
inline std::string bytes_of(const statistics_sums& sums) {
  std::vector<std::vector<double>> values;
  std::vector<named_numbers> tensors;
  const statistics_options& o = sums.options();
  for (const statistics_sums::node& n : sums.nodes()) {
    std::vector<double>& all = values.emplace_back();
    for (const statistics_cell& c : n.cells) all.insert(all.end(), c.of.begin(), c.of.end());
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const statistics_sums::node& n = sums.nodes()[k];
    tensors.push_back({std::to_string(n.first) + "+" + std::to_string(n.blocks), {o.rows(), o.columns, statistics_cell::fields}, values[k]});
  }
  return safetensors_bytes(tensors, {{"format", std::string(detail::sums_format)},
                                     {"model", std::string(sums.model())},
                                     {"options", detail::options_text(o)}});
}

/// Partial sums from the bytes of such a file.
///
/// name     what messages call it
/// Errors   refuses all that bytes_of does not make, with the file's name, before it takes memory for what a file only claims, and
///          sums that there is not the memory for
inline result<statistics_sums> try_sums_of(std::span<const char> bytes, const std::string& name) {
  const result<safetensors_file> read = safetensors_file::try_parse(bytes, name);
  if (!read) return *read.reason();
  return detail::within_memory(name, [&] { return detail::try_sums_of_tensors(read.value()); });
}

inline result<statistics_sums> try_load_sums(const std::filesystem::path& path) {
  const auto bytes = detail::try_read_file(path);
  if (!bytes) return *bytes.reason();
  return try_sums_of(bytes.value(), path.string());
}
inline statistics_sums load_sums(const std::filesystem::path& path) { return try_load_sums(path).value(); }

/// Whatever stops the program, there is the old file or the new one.
inline fault try_save(const statistics_sums& sums, const std::filesystem::path& path) { return detail::try_write_file(path, bytes_of(sums)); }
inline void save(const statistics_sums& sums, const std::filesystem::path& path) { raise(try_save(sums, path)); }

}  // namespace diffode
