// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/detail/file.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace diffode_tools {

/// FNV-1a of 64 bits (Fowler, Noll, Vo): tells bytes apart that differ by mistake. It is no defence against intent.
constexpr std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// The same in 16 hexadecimal digits.
inline std::string fingerprint(std::string_view bytes) { return fmt::format("{:016x}", fnv1a(bytes)); }

/// "eps.safetensors 85944171f73967e8, ...": what results made from these files belong to. Names without the folder, which may move.
/// Errors  refuses a file that can not be read, by its path
inline std::string fingerprints(const std::filesystem::path& folder, std::initializer_list<const char*> names) {
  std::string all;
  for (const char* const name : names) {
    const std::vector<char> bytes = diffode::detail::try_read_file(folder / name).value();
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, fingerprint({bytes.data(), bytes.size()}));
  }
  return all;
}

}  // namespace diffode_tools
