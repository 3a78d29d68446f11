// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"
#include "contender.hpp"
#include "formats.hpp"
#include "supplied.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace diffode_bench {

/// The combines of a plan, with the arrays that it needs.
template <class Format, class Backend>
class combined final : public contender {
 public:
  using E = typename Format::element;
  using H = typename Format::history;

  combined(const method_case& what, const dd::grid& levels, const material<E>& with, Backend on)
      : with_(with), noise_{with.noise}, on_(on), plan_(Format::plan(what, levels)) {
    for (int s = 0; s < plan_.slots(); ++s)
      slots_.emplace_back(with.start.size() * dd::bytes_of(type_of(s)), with.shared);
    for (const dd::instruction& i : plan_.instructions()) {
      if (i.what == dd::operation::call) shown_.push_back(plan_.outputs(i)[0]);
      if (i.what == dd::operation::combine) combines_.push_back(arrays_of(i));
    }
  }

  void restart() override {
    k_ = 0;
    std::copy(with_.start.begin(), with_.start.end(), static_cast<E*>(slot(0)));
  }
  void evaluate() override {
    const arrays& a = combines_[k_++];
    const std::size_t size = with_.start.size();
    using T = std::conditional_t<std::is_same_v<E, H>, E, dd::mixed<float>>;
    on_.template combine<T>(dd::combination<T>{a.out, a.in, a.coefficients, plan_.lanes(), size, size}, noise_);
  }
  double shown(std::size_t i) const override { return static_cast<double>(static_cast<const E*>(slot(shown_[k_]))[i]); }

 private:
  struct arrays {
    std::vector<dd::source> in;
    std::vector<dd::sink> out;
    std::span<const double> coefficients;
  };

  arrays arrays_of(const dd::instruction& i) {
    arrays a{{}, {}, plan_.coefficients(i)};
    for (const dd::operand& o : plan_.inputs(i)) {
      using kind = dd::operand::kind;
      const bool held = o.what == kind::held;
      const void* const data = held ? slot(o.index) : o.what == kind::output ? with_.answer.data() : o.what == kind::noise ? with_.noise.data() : nullptr;
      a.in.push_back({data, held ? type_of(o.index) : dd::element_type<E>, false, 0});
    }
    for (const dd::slot s : plan_.outputs(i)) a.out.push_back({slot(s), type_of(s)});
    return a;
  }

  void* slot(dd::slot s) const { return slots_[static_cast<std::size_t>(s)].data(); }
  dd::element type_of(dd::slot s) const { return plan_.role(s) == dd::slot_role::history ? dd::element_type<H> : dd::element_type<E>; }

  material<E> with_;
  supplied<E> noise_;
  Backend on_;
  dd::plan plan_;
  std::vector<buffer<std::byte>> slots_;
  std::vector<arrays> combines_;
  std::vector<dd::slot> shown_;  ///< at each evaluation
  std::size_t k_ = 0;
};

}  // namespace diffode_bench
