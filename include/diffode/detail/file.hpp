// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace diffode::detail {

struct closed_file {
  std::FILE* file;
  ~closed_file() {
    if (file) std::fclose(file);
  }
};

/// All bytes of a file.
inline result<std::vector<char>> try_read_file(const std::filesystem::path& path) {
  const std::string who = path.string();
  std::error_code problem;
  const auto size = std::filesystem::is_regular_file(path, problem) ? std::filesystem::file_size(path, problem) : 0;
  const closed_file in{problem ? nullptr : std::fopen(who.c_str(), "rb")};
  if (!in.file || !std::filesystem::is_regular_file(path, problem)) return refuse(errc::bad_file, who, ": cannot be opened, needs a file that can be read");
  std::vector<char> bytes(static_cast<std::size_t>(size));
  if (std::fread(bytes.data(), 1, bytes.size(), in.file) != bytes.size()) return refuse(errc::bad_file, who, ": cannot be read to its end");
  return bytes;
}

/// Writes a file so that at any moment, whatever stops the program, there is the old one or the new one under its name.
inline fault try_write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::string who = path.string(), beside = who + ".part";
  const auto failed = [&](const char* what) {
    error e = refuse(errc::bad_file, who, ": ", what, ": ", static_cast<const char*>(std::strerror(errno)));
    std::remove(beside.c_str());
    return e;
  };
  {
    closed_file out{std::fopen(beside.c_str(), "wb")};
    if (!out.file) return failed("cannot be written");
    bool whole = std::fwrite(bytes.data(), 1, bytes.size(), out.file) == bytes.size() && std::fflush(out.file) == 0;
#if __has_include(<unistd.h>)
    whole = whole && fsync(fileno(out.file)) == 0;
#endif
    if (!whole) return failed("cannot be written to its end");
  }
  std::error_code problem;
  std::filesystem::rename(beside, path, problem);
  if (problem) return errno = problem.value(), failed("cannot be put in place");
  return {};
}

}  // namespace diffode::detail
