// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/detail/file.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

/// What tools know of the files that they write. Every refusal comes before the work: after hours it would be too late.
namespace diffode_tools {

/// A file that a tool reads or writes, and the option that names it.
struct named_file {
  std::string option;
  std::filesystem::path path;
};

/// Writes a file so that there is the old one or the new one, never half of one; where a link is, the file that it leads to.
inline void write_file(const std::filesystem::path& path, std::string_view text) { diffode::raise(diffode::detail::try_write_file(path, text)); }

/// Refuses what is there and no file, without writing.
inline void check_place(const named_file& f) {
  if (const auto place = diffode::detail::try_place_of(f.path); !place)
    throw std::invalid_argument(fmt::format("{} is '{}', needs a file that can be written: {}", f.option, f.path.string(), place.reason()->what()));
}

/// Refuses a file that can not be written. Leaves nothing behind.
inline void check_writable(const named_file& f) {
  if (const diffode::fault wrong = diffode::detail::file_beside(f.path).write(""))
    throw std::invalid_argument(fmt::format("{} is '{}', needs a file that can be written: {}", f.option, f.path.string(), wrong->what()));
}

/// The one name of a file, whatever links and dots it was called by.
inline std::filesystem::path one_name(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code problem;
  const auto place = diffode::detail::try_place_of(path);
  const fs::path whole = fs::absolute(place ? place.value() : path, problem), known = fs::weakly_canonical(whole, problem);
  return problem ? whole.lexically_normal() : known;
}

/// Refuses two options that name the same file, or of which one would have to be a folder for the other.
inline void check_apart(const std::vector<named_file>& files) {
  for (std::size_t i = 0; i < files.size(); ++i)
    for (std::size_t k = 0; k < files.size(); ++k) {
      if (i == k) continue;
      const std::filesystem::path a = one_name(files[i].path), b = one_name(files[k].path);
      if (std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first != a.end()) continue;
      throw std::invalid_argument(a == b ? fmt::format("{} and {} are the same file, '{}', need different ones", files[i].option, files[k].option, files[i].path.string())
                                         : fmt::format("{} is '{}', and {} is '{}' inside it, need files apart", files[i].option, files[i].path.string(), files[k].option, files[k].path.string()));
    }
}

/// Removes what saves of this file left beside it when the program was killed. For who alone writes it: see file_lock.
inline void remove_leftovers(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  const fs::path place = one_name(path);
  const std::string begin = place.filename().string() + ".diffode-", end = ".part";
  std::error_code ignored;
  std::vector<fs::path> left;
  for (const fs::directory_entry& e : fs::directory_iterator(place.parent_path(), ignored)) {
    const std::string name = e.path().filename().string();
    if (name.size() <= begin.size() + end.size() || !name.starts_with(begin) || !name.ends_with(end)) continue;
    const std::string number = name.substr(begin.size(), name.size() - begin.size() - end.size());
    if (number.find_first_not_of("0123456789") == std::string::npos) left.push_back(e.path());
  }
  for (const fs::path& file : left) fs::remove(file, ignored);
}

/// For options of files: an empty name is a mistake, such as a variable of a script that has no value.
inline const CLI::Validator has_name([](std::string& text) { return text.empty() ? std::string("is '', needs the name of a file or folder") : std::string(); }, "", "has_name");

}  // namespace diffode_tools
