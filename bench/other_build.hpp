// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"
#include "contender.hpp"
#include "crew.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace diffode_bench {

/// What has to be alike in a program and a library that make contenders for each other: the sizes of what they share, and the compiler.
inline std::string layout_of_contenders() {
  const std::size_t sizes[] = {sizeof(contender), sizeof(material<float>), sizeof(room), sizeof(crew), sizeof(buffer<float>)};
  std::string all;
  for (const std::size_t s : sizes) all += std::to_string(s) + "-";
  return all + __VERSION__;
}

/// diffode as it was built with other flags (bench/other_build.cpp), loaded into this program: both builds then work in the same
/// arrays and take turns, so that neither has luck with its pages or its minute.
class other_build {
 public:
  /// Needs the path of a library that bench_other_build made of the same sources.
  explicit other_build(const std::string& path) {
    if (path.empty()) throw std::invalid_argument("--against is '', needs a library made by bench_other_build");
    library_ = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::invalid_argument("--against is '" + path + "', needs a library made by bench_other_build: " + dlerror());
    const std::string layout = reinterpret_cast<const char* (*)()>(named(path, "diffode_bench_layout"))();
    if (layout != layout_of_contenders())
      throw std::invalid_argument("--against is '" + path + "', whose contenders are laid out as " + layout + ", needs " + layout_of_contenders() + ": one made of the same bench/ by the same compiler");
    make_ = reinterpret_cast<contender* (*)(const char*, const char*, const char*, const void*, const crew*, std::size_t, std::string*)>(named(path, "diffode_bench_make"));
    flags_ = reinterpret_cast<const char* (*)()>(named(path, "diffode_bench_flags"))();
  }

  template <class E>
  std::unique_ptr<contender> make(const std::string& program, const std::string& method, const std::string& element, const material<E>& with, const crew& by) const {
    std::string why;
    std::unique_ptr<contender> made(make_(program.c_str(), method.c_str(), element.c_str(), &with, &by, offset_in_page, &why));
    if (!made) throw std::runtime_error("the other build can not run " + program + "/" + method + "/" + element + ": " + why);
    return made;
  }
  const std::string& flags() const { return flags_; }

 private:
  void* named(const std::string& path, const char* name) const {
    void* const found = dlsym(library_, name);
    if (!found) throw std::invalid_argument("--against is '" + path + "', needs a library made by bench_other_build: it has no " + name);
    return found;
  }

  void* library_ = nullptr;  ///< stays until the program ends, as what it made may
  contender* (*make_)(const char*, const char*, const char*, const void*, const crew*, std::size_t, std::string*) = nullptr;
  std::string flags_;
};

}  // namespace diffode_bench
