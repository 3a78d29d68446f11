// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/plan.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <utility>

namespace diffode {

/// How a plan is written down.
struct print_options {
  int digits = 6;             ///< of a number, 1 to 17
  std::size_t lane = 0;       ///< whose coefficients are shown
  std::size_t element_bytes = 4;  ///< of one element of the state, for the memory traffic
};

namespace detail {

/// Writes one plan. All numbers are rounded to the digits asked for, so what it prints is for reading.
class plan_printer {
 public:
  plan_printer(const plan& p, const print_options& o) : plan_(p), options_(o) {}

  std::string write() {
    head();
    for (const instruction& i : plan_.instructions()) switch (i.what) {
        case operation::call: call(i); break;
        case operation::combine: combine(i); break;
        case operation::filter: put("filter  s{} = filter(s{})\n", plan_.outputs(i)[0], plan_.inputs(i)[0].index); break;
        case operation::watch: watch(i); break;
        case operation::measure: put("measure s{} against s{}, on the scale of s{} too\n", plan_.outputs(i)[0], plan_.outputs(i)[1], plan_.outputs(i)[2]); break;
      }
    return std::move(text_);
  }

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> form, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Args>(args)...);
  }
  std::string number(double v) const { return fmt::format("{:.{}g}", v + 0., options_.digits); }  // + 0.: no "-0"
  static const char* plural(std::size_t n) { return n == 1 ? "" : "s"; }
  void counted(int n, const char* what) { put(", {} {}{}", n, what, plural(static_cast<std::size_t>(n))); }

  void head() {
    std::size_t reads = 0, writes = 0;
    for (const instruction& i : plan_.instructions())
      if (i.what == operation::combine || i.what == operation::filter) {
        for (const operand& o : plan_.inputs(i)) reads += o.what == operand::kind::held || o.what == operand::kind::output;
        writes += plan_.outputs(i).size();
      }
    put("{}: {} step{}", plan_.method(), plan_.steps(), plural(static_cast<std::size_t>(plan_.steps())));
    counted(plan_.calls(), "call");
    counted(plan_.kernels(), "kernel");
    if (plan_.filters() > 0) counted(plan_.filters(), "filter");
    counted(plan_.slots(), "slot");
    counted(plan_.noises(), "noise array");
    put("; largest coefficient {}; bytes per element: {} read, {} written\n", number(plan_.largest_coefficient()),
        reads * options_.element_bytes, writes * options_.element_bytes);
    if (plan_.input_slot() >= 0) put("the model reads s{}, and nothing else does\n", plan_.input_slot());
    const lane_map& lanes = plan_.lanes();
    if (lanes.count > 1) put("{} lanes of stride {}; the numbers are those of lane {}\n", lanes.count, lanes.stride, options_.lane);
  }

  void call(const instruction& i) {
    const evaluation<>& e = plan_.call(i.tag);
    const level<>& at = plan_.levels(i.tag)[options_.lane];
    put("call    s{} label {} lambda {}, step {}", plan_.outputs(i)[0], number(at.label), number(at.lambda), e.step);
    if (e.stage > 0) put(", stage {}", e.stage);
    if (plan_.model_outputs() > 1) {
      put(", wanted:");
      for (int k = 0; k < plan_.model_outputs(); ++k)
        if ((e.outputs >> k & 1u) != 0) put(" F{}", k);
    }
    text_ += '\n';
  }

  /// One line for each row; the rows of one kernel stand below each other, and only the first is marked.
  void combine(const instruction& i) {
    const std::size_t ins = static_cast<std::size_t>(i.ins), outs = static_cast<std::size_t>(i.outs);
    const std::size_t lanes = plan_.lanes().count;
    for (std::size_t r = 0; r < outs; ++r) {
      put("{} s{} =", r == 0 ? "combine" : "       ", plan_.outputs(i)[r]);
      row(plan_.coefficients(i).subspan(r * ins * lanes, ins * lanes), plan_.inputs(i));
      text_ += '\n';
    }
  }

  void row(std::span<const double> coefficients, std::span<const operand> in) {
    bool first = true;
    for (std::size_t k = 0; k < in.size(); ++k) {
      const double c = coefficients[k * plan_.lanes().count + options_.lane];
      if (c == 0) continue;
      const bool minus = std::signbit(c);
      text_ += first ? (minus ? " -" : " ") : (minus ? " - " : " + ");
      first = false;
      const double size = std::abs(c);
      if (in[k].what == operand::kind::one) text_ += number(size);
      else if (size == 1) text_ += name(in[k]);
      else put("{}*{}", number(size), name(in[k]));
    }
    if (first) text_ += " 0";
  }

  std::string name(const operand& o) const {
    switch (o.what) {
      case operand::kind::held: return fmt::format("s{}", o.index);
      case operand::kind::output: return plan_.model_outputs() > 1 ? fmt::format("F{}", o.index) : "F";
      case operand::kind::noise: return fmt::format("z{}", o.index);
      default: return "1";
    }
  }

  void watch(const instruction& i) {
    constexpr const char* names[] = {"state", "predicted state", "denoised"};
    put("watch   s{} {} at point {}\n", plan_.outputs(i)[0], names[i.tag], i.point);
  }

  const plan& plan_;
  const print_options& options_;
  std::string text_;
};

}  // namespace detail

/// A plan, for people: a line on its costs, then its instructions, each with what it reads and writes.
///
///     call     the model is wanted on a slot; what it is told, where that is, for which step
///     combine  one kernel; a row for each array it writes. s0, s1, ... are slots (s0 the caller's own memory), F the
///              model's output (F0, F1, ... if there are several), z0, z1, ... noise streams. All is read, element by
///              element, before anything is written, so s1 on the right is what it was before
///     filter   the user's map on a prediction
///     watch    somebody looks at a slot
///     measure  how far apart two slots are, for a control that decides on it
///
/// Errors   refuses a number of digits outside 1 to 17 and a lane that the plan does not have
inline std::string to_string(const plan& p, const print_options& o = {}) {
  using detail::refuse;
  if (o.digits < 1 || o.digits > 17) raise(refuse(errc::bad_call, "to_string: digits is ", o.digits, ", needs 1 to 17"));
  if (o.lane >= p.lanes().count) raise(refuse(errc::bad_call, "to_string: lane is ", o.lane, ", needs 0 to ", p.lanes().count - 1));
  return detail::plan_printer(p, o).write();
}

/// A level in one line: what it is and what the model is told there.
inline std::string to_string(const level<>& at) {
  return fmt::format("t {} alpha {} sigma {} lambda {} label {}", at.t, at.alpha, at.sigma, at.lambda, at.label);
}

}  // namespace diffode

/// fmt::print("{}", plan): as to_string.
template <>
struct fmt::formatter<diffode::plan> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const diffode::plan& p, Context& to) const {
    return fmt::formatter<fmt::string_view>::format(diffode::to_string(p), to);
  }
};

template <>
struct fmt::formatter<diffode::level<>> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const diffode::level<>& at, Context& to) const {
    return fmt::formatter<fmt::string_view>::format(diffode::to_string(at), to);
  }
};
