// SPDX-License-Identifier: MIT
#pragma once

#include "output_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

namespace diffode_tools {

/// Keeps other runs from a file, which is replaced while it is worked on, by a lock on a file beside it that stays in its place:
/// its name with .diffode-lock added. Who is killed leaves that file without the lock, and the next one takes it. File systems that have
/// no locks keep nobody out.
class file_lock {
 public:
  explicit file_lock(const named_file& f) : name_(path_for(f.path).string()) {
    while (true) {
      // Not for programs that this one starts: they may outlive it.
      const int opened = ::open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
      if (opened < 0) throw std::invalid_argument(f.option + " is '" + f.path.string() + "', needs a file beside it to lock it by: " + name_ + ": " + std::strerror(errno));
      if (::flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ::close(opened);
        throw std::invalid_argument(f.option + " is '" + f.path.string() + "', which another run is working on: needs the end of that run, or another file");
      }
      // Who had the lock before may have removed the file after it was opened here: then this is a lock on nothing.
      struct stat ours {}, there {};
      if (::fstat(opened, &ours) == 0 && ::lstat(name_.c_str(), &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) {
        file_ = opened;
        return;
      }
      ::close(opened);
    }
  }
  file_lock(file_lock&& other) noexcept : name_(std::move(other.name_)), file_(std::exchange(other.file_, -1)) {}
  file_lock& operator=(file_lock&&) = delete;
  ~file_lock() {
    if (file_ < 0) return;
    ::unlink(name_.c_str());  // before it is unlocked: afterwards it may be another's
    ::close(file_);
  }

  static std::filesystem::path path_for(const std::filesystem::path& file) { return one_name(file).string() + ".diffode-lock"; }

 private:
  std::string name_;
  int file_ = -1;
};

}  // namespace diffode_tools
