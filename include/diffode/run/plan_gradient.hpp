// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/adjoint_request.hpp"
#include "diffode/run/compile.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace diffode {

/// How the derivatives of a plan's numbers are found.
struct difference_options {
  double step = 1e-4;  ///< by how much a number is changed, as a share of its size (of 1, where it is 0)
};

namespace detail {

/// Nothing, or what two plans do not have in common besides the values of their numbers.
inline std::string_view differs(const plan& a, const plan& b) {
  if (a.instructions().size() != b.instructions().size()) return "the number of instructions";
  if (!(a.lanes() == b.lanes()) || a.calls() != b.calls() || a.slots() != b.slots()) return "the number of evaluations, arrays or lanes";
  for (std::size_t i = 0; i < a.instructions().size(); ++i) {
    const instruction &p = a.instructions()[i], &q = b.instructions()[i];
    if (p.what != q.what || p.ins != q.ins || p.outs != q.outs || p.tag != q.tag) return "an instruction";
    for (std::size_t k = 0; k < a.inputs(p).size(); ++k)
      if (!(a.inputs(p)[k] == b.inputs(q)[k])) return "what a combine reads";
    for (std::size_t k = 0; k < a.outputs(p).size(); ++k)
      if (a.outputs(p)[k] != b.outputs(q)[k]) return "what a combine writes";
  }
  return {};
}

/// sum_c dL/dc c + sum_j dL/dlabel_j label_j, of `there` less that of `here`: by how much the loss changes, to first order.
inline double change(const plan_gradient& g, const plan& here, const plan& there) {
  double sum = 0;
  if (!g.coefficients.empty())
    for (const instruction& i : here.instructions())
      if (i.what == operation::combine)
        for (std::size_t k = 0; k < here.coefficients(i).size(); ++k)
          sum += g.coefficients[static_cast<std::size_t>(i.coefficients) + k] * (there.coefficients(i)[k] - here.coefficients(i)[k]);
  const std::size_t lanes = here.lanes().count;
  if (!g.labels.empty())
    for (int k = 0; k < here.calls(); ++k)
      for (std::size_t l = 0; l < lanes; ++l)
        sum += g.labels[static_cast<std::size_t>(k) * lanes + l] * (there.levels(k)[l].label - here.levels(k)[l].label);
  return sum;
}

inline fault check_sizes(const plan_gradient& g, const plan& p) {
  std::size_t coefficients = 0;
  for (const instruction& i : p.instructions()) coefficients += i.what == operation::combine ? p.coefficients(i).size() : 0;
  const std::size_t labels = static_cast<std::size_t>(p.calls()) * p.lanes().count;
  if ((!g.coefficients.empty() && g.coefficients.size() != coefficients) || (!g.labels.empty() && g.labels.size() != labels))
    return refuse(errc::bad_shape, "gradient_of: numbers of derivatives are ", g.coefficients.size(), " for coefficients and ", g.labels.size(), " for labels, needs ",
                  coefficients, " and ", labels, " (or 0), the numbers of the plan");
  return {};
}

}  // namespace detail

/// The gradient with respect to whatever numbers a plan is made from: the times of its grid, coefficients, options of the
/// method. dL/dn = sum_c dL/dc dc/dn + sum_j dL/dlabel_j dlabel_j/dn.
///
/// make      make(numbers) plans the run, as a plan or a result<plan>; called 4 times for each number, and once. With
///           compile_options::every_term a number may be, or make, a coefficient of 0
/// g         dL/dc and dL/dlabel from adjoint_sampler or adjoint. Without labels the model counts as one that does not look at its
///           label. That the start moves with a number (x = sigma z) is not in it: add dL/dx . dx/dn
/// Derivative  dc/dn by differences of order 4 over +-step and +-2 step: with steps of h, off by about (h/d)^4, where d is how far n is
///           from where coefficients become infinite (the next level of the grid), and by 1e-16/h of their size. See docs/adr/0009
/// Errors    refuses steps that are not finite or not above 0, derivatives of another plan, what make refuses, and numbers next to
///           which the plan has other instructions: there is no derivative
template <class Make>
result<std::vector<double>> try_gradient_of(std::span<const double> numbers, const plan_gradient& g, Make&& make, const difference_options& o = {}) {
  using detail::refuse;
  if (!(std::isfinite(o.step) && o.step > 0)) return refuse(errc::bad_call, "gradient_of: step is ", o.step, ", needs a finite number above 0");
  std::vector<double> moved(numbers.begin(), numbers.end()), gradient;
  const auto plan_now = [&] { return result<plan>(make(std::span<const double>(moved))); };
  const result<plan> here = plan_now();
  if (!here) return *here.reason();
  if (const fault f = detail::check_sizes(g, here.value())) return *f;
  for (std::size_t n = 0; n < moved.size(); ++n) {
    const double size = std::abs(numbers[n]), h = o.step * (size > 0 ? size : 1);
    double slope = 0;
    for (const int k : {-2, -1, 1, 2}) {
      moved[n] = numbers[n] + k * h;
      const result<plan> there = plan_now();
      if (!there) return *there.reason();
      if (const std::string_view what = detail::differs(here.value(), there.value()); !what.empty())
        return refuse(errc::bad_call, "gradient_of: number ", n, " is ", numbers[n], ", and ", what, " of the plan changes at ", moved[n], ", needs plans compiled with every_term, a smaller step, or another number");
      const double weight = (k == 1 || k == -1 ? 8 : -1) * (k > 0 ? 1 : -1);
      slope += weight * detail::change(g, here.value(), there.value());
    }
    moved[n] = numbers[n];
    gradient.push_back(slope / (12 * h));
  }
  return gradient;
}
template <class Make>
std::vector<double> gradient_of(std::span<const double> numbers, const plan_gradient& g, Make&& make, const difference_options& o = {}) {
  return try_gradient_of(numbers, g, make, o).value();
}

}  // namespace diffode
