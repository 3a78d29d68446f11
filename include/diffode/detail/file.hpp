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

/// The file that `path` stands for: what a link there leads to, also where nothing is yet, so that writing leaves the link.
/// Errors  refuses links without end, and whatever is there and no file: a fresh file put in its place would destroy it
inline result<std::filesystem::path> try_place_of(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  const std::string who = path.string();
  fs::path place = path;
  std::error_code problem;
  for (int links = 0; fs::is_symlink(place, problem); ++links) {
    if (links == 40) return refuse(errc::bad_file, who, ": is a link that leads to no end, needs a file, or a name that is free");
    const fs::path next = fs::read_symlink(place, problem);
    if (problem) break;
    place = place.parent_path() / next;
  }
  const fs::file_status there = fs::status(place, problem);
  if (place.filename().empty() || fs::is_directory(there)) return refuse(errc::bad_file, who, ": is a folder, needs a file, or a name that is free");
  if (fs::exists(there) && !fs::is_regular_file(there)) return refuse(errc::bad_file, who, ": is a device, pipe or socket, needs a file, or a name that is free");
  return place;
}

/// A file that is written whole beside its place and then put there: at any moment, whatever stops the program, there is the
/// old one or the new one under its name. What was written and not put in place is gone with this, unless the program was killed.
class file_beside {
 public:
  explicit file_beside(const std::filesystem::path& place) : path_(place), who_(place.string()) {}
  file_beside(const file_beside&) = delete;
  file_beside& operator=(const file_beside&) = delete;
  ~file_beside() {
    if (made_) std::remove(beside_.c_str());
  }

  fault write(std::string_view bytes) {
    const result<std::filesystem::path> place = try_place_of(path_);
    if (!place) return *place.reason();
    place_ = place.value();
    const closed_file out{made()};
    if (!out.file) return failed("cannot be written");
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
  /// A file that nobody had, under the first name that is free: whatever has such a name is not ours to write over.
  std::FILE* made() {
    for (int k = 0; k < 10000; ++k) {
      beside_ = place_.string() + ".diffode-" + std::to_string(k) + ".part";
      if (std::FILE* const file = std::fopen(beside_.c_str(), "wbx")) return made_ = true, file;
      if (errno != EEXIST) break;
    }
    return nullptr;
  }
  error failed(const char* what) const { return refuse(errc::bad_file, who_, ": ", what, ": ", static_cast<const char*>(std::strerror(errno))); }

  std::filesystem::path path_, place_;
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
