// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"
#include "diffode/detail/within_memory.hpp"

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
  return within_memory(who, [&]() -> result<std::vector<char>> {
    std::vector<char> bytes(static_cast<std::size_t>(size));
    if (std::fread(bytes.data(), 1, bytes.size(), in.file) != bytes.size()) return refuse(errc::bad_file, who, ": cannot be read to its end");
    return bytes;
  });
}

/// A file that is written whole beside its place and then put there: at any moment, whatever stops the program, there is the
/// old one or the new one under its name. What was written and not put in place is gone with this.
class file_beside {
 public:
  explicit file_beside(const std::filesystem::path& place) : place_(place), who_(place.string()), beside_(who_ + ".part") {}
  file_beside(const file_beside&) = delete;
  file_beside& operator=(const file_beside&) = delete;
  ~file_beside() {
    if (made_) std::remove(beside_.c_str());
  }

  fault write(std::string_view bytes) {
    closed_file out{std::fopen(beside_.c_str(), "wb")};
    if (!out.file) return failed("cannot be written");
    made_ = true;
    bool whole = std::fwrite(bytes.data(), 1, bytes.size(), out.file) == bytes.size() && std::fflush(out.file) == 0;
#if __has_include(<unistd.h>)
    whole = whole && fsync(fileno(out.file)) == 0;
#endif
    if (!whole) return failed("cannot be written to its end");
    return {};
  }

  fault put_in_place() {
    std::error_code problem;
    std::filesystem::rename(beside_, place_, problem);
    if (problem) return errno = problem.value(), failed("cannot be put in place");
    made_ = false;
    return {};
  }

 private:
  error failed(const char* what) const { return refuse(errc::bad_file, who_, ": ", what, ": ", static_cast<const char*>(std::strerror(errno))); }

  std::filesystem::path place_;
  std::string who_, beside_;
  bool made_ = false;
};

/// Writes a file so that there is the old one or the new one, never half of one.
inline fault try_write_file(const std::filesystem::path& path, std::string_view bytes) {
  file_beside file(path);
  if (const fault f = file.write(bytes)) return f;
  return file.put_in_place();
}

}  // namespace diffode::detail
