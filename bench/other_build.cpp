// SPDX-License-Identifier: MIT
//
// diffode's contenders as a library, for bench_combine and bench_sampler of another build to run beside their own: --against.

#include "combined.hpp"
#include "other_build.hpp"
#include "ours.hpp"
#include "sampled.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <string>

using namespace diffode_bench;

/// How this library was compiled.
extern "C" const char* diffode_bench_flags() { return DIFFODE_BENCH_FLAGS; }

/// What the program compares with its own.
extern "C" const char* diffode_bench_layout() {
  static const std::string layout = layout_of_contenders();
  return layout.c_str();
}

/// A contender that the caller deletes, or null, and why. `with` is a material of the format's elements; arrays begin `offset` bytes after
/// the start of a page.
extern "C" contender* diffode_bench_make(const char* program, const char* method, const char* element, const void* with, const crew* by, std::size_t offset, std::string* why) {
  offset_in_page = offset;
  try {
    return with_format(element, [&]<class Format>(Format f) {
      const auto& arrays = *static_cast<const material<typename Format::element>*>(with);
      return std::string(program) == "combine" ? ours<combined>(f, method, arrays, *by) : ours<sampled>(f, method, arrays, *by);
    }).release();
  } catch (const std::exception& e) {
    *why = e.what();
    return nullptr;
  }
}
