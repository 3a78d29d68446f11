// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"
#include "contender.hpp"
#include "crew.hpp"

#include <memory>
#include <string>

namespace diffode_bench {

/// The contender that stands for diffode: Ours<Format, Backend> is `combined` or `sampled`.
template <template <class, class> class Ours, class Format>
std::unique_ptr<contender> ours(Format, const std::string& method, const material<typename Format::element>& with, const crew& by) {
  const method_case& what = case_named(method);
  return by.with_backend([&](auto on) -> std::unique_ptr<contender> { return std::make_unique<Ours<Format, decltype(on)>>(what, levels_for(what), with, on); });
}

}  // namespace diffode_bench
