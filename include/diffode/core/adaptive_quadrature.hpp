// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/lanes.hpp"
#include "diffode/concept/coefficient.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

namespace diffode {

namespace detail {

/// Nodes of the 15-point Gauss-Kronrod rule on [-1, 1], its weights, and those of the 7-point Gauss rule within it.
/// Source  Kronrod 1965; Piessens et al. 1983, QUADPACK, routine qk15
struct kronrod_node {
  double x, weight, gauss;
};
inline constexpr kronrod_node kronrod[15] = {
    {-0.991455371120812639206854697526329, 0.022935322010529224963732008058970, 0},
    {-0.949107912342758524526189684047851, 0.063092092629978553290700663189204, 0.129484966168869693270611432679082},
    {-0.864864423359769072789712788640926, 0.104790010322250183839876322541518, 0},
    {-0.741531185599394439863864773280788, 0.140653259715525918745189590510238, 0.279705391489276667901467771423780},
    {-0.586087235467691130294144691693013, 0.169004726639267902826583426598550, 0},
    {-0.405845151377397166906606412076961, 0.190350578064785409913256402421014, 0.381830050505118944950369775488975},
    {-0.207784955007898467600689403773245, 0.204432940075298892414161999234649, 0},
    {0, 0.209482141084727828012999174891714, 0.417959183673469387755102040816327},
    {0.207784955007898467600689403773245, 0.204432940075298892414161999234649, 0},
    {0.405845151377397166906606412076961, 0.190350578064785409913256402421014, 0.381830050505118944950369775488975},
    {0.586087235467691130294144691693013, 0.169004726639267902826583426598550, 0},
    {0.741531185599394439863864773280788, 0.140653259715525918745189590510238, 0.279705391489276667901467771423780},
    {0.864864423359769072789712788640926, 0.104790010322250183839876322541518, 0},
    {0.949107912342758524526189684047851, 0.063092092629978553290700663189204, 0.129484966168869693270611432679082},
    {0.991455371120812639206854697526329, 0.022935322010529224963732008058970, 0}};

/// A coefficient from its lanes.
template <coefficient R>
R coefficient_of(const std::vector<double>& values) {
  if constexpr (std::same_as<R, double>) return values[0];
  else return R(values);
}

/// A template, so that compilers make lists of it only where somebody integrates.
template <coefficient R>
struct panel {
  double from, to;
};

/// Where in (-1, 1) to divide a panel on which the rules disagree, from the values at the nodes: where the polynomials
/// through the five outermost ones of each side meet, which is at the kink if there is one in the middle; else 0.
inline double divided_at(const std::array<double, 15>& y) {
  // Newton's form of the polynomial through five nodes, from `first` on.
  const auto newton = [&](std::size_t first) {
    std::array<double, 5> c;
    for (std::size_t i = 0; i < 5; ++i) c[i] = y[first + i];
    for (std::size_t order = 1; order < 5; ++order)
      for (std::size_t i = 4; i >= order; --i) c[i] = (c[i] - c[i - 1]) / (kronrod[first + i].x - kronrod[first + i - order].x);
    return c;
  };
  const std::array<double, 5> left = newton(0), right = newton(10);
  const auto value = [](const std::array<double, 5>& c, std::size_t first, double x) {
    double v = c[4];
    for (std::size_t i = 4; i-- > 0;) v = c[i] + (x - kronrod[first + i].x) * v;
    return v;
  };
  const auto gap = [&](double x) { return value(left, 0, x) - value(right, 10, x); };
  double a = kronrod[4].x, b = kronrod[10].x, at_a = gap(a), at_b = gap(b);
  if (!(at_a * at_b < 0)) return 0;
  for (int turn = 0; turn < 8; ++turn) {
    const double x = a - at_a * (b - a) / (at_b - at_a), at_x = gap(x);
    if (at_x == 0) return x;
    // False position; the end that stays is made to count half, or it would stay for ever.
    if (at_x * at_b < 0) a = b, at_a = at_b;
    else at_a /= 2;
    b = x, at_b = at_x;
  }
  return b;
}

}  // namespace detail

/// int_a^b of N functions at once, which `f` returns as an array.
///
/// Source   Gauss-Kronrod pairs on panels that are divided, at the kink of the first function if they have one, until the
///          two rules agree
/// Error    at most `tolerance` for each panel (absolute)
/// Shapes   every lane has panels of its own, so that its result is the same with and without the others; `f` is asked for
///          all of them at once. A lane gives up refining after 2^14 panels
template <std::size_t N, coefficient R, class F>
std::array<R, N> integral(F f, const R& a, const R& b, const R& tolerance) {
  const std::size_t in_a = lane_count(a), in_b = lane_count(b), lanes_here = in_a > in_b ? in_a : in_b;
  std::vector<std::vector<detail::panel<R>>> left(lanes_here);
  std::vector<double> middle(lanes_here), half(lanes_here);
  std::array<std::vector<double>, N> sum;
  sum.fill(std::vector<double>(lanes_here));
  for (std::size_t l = 0; l < lanes_here; ++l) left[l].push_back({lane(a, l), lane(b, l)});
  for (int turns = 0;; ++turns) {
    bool more = false;
    for (std::size_t l = 0; l < lanes_here; ++l) {
      if (left[l].empty()) continue;  // asked for its last panel again, and not listened to
      more = true;
      const auto [from, to] = left[l].back();
      middle[l] = (from + to) / 2, half[l] = (to - from) / 2;
    }
    if (!more) break;
    const R at = detail::coefficient_of<R>(middle), reach = detail::coefficient_of<R>(half);
    std::array<R, N> fine{}, coarse{};
    std::array<R, 15> first;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const detail::kronrod_node& node = detail::kronrod[i];
      const std::array<R, N> here = f(R(at + node.x * reach));
      first[i] = here[0];
      for (std::size_t k = 0; k < N; ++k) {
        fine[k] = fine[k] + node.weight * here[k];
        if (node.gauss != 0) coarse[k] = coarse[k] + node.gauss * here[k];
      }
    }
    for (std::size_t l = 0; l < lanes_here; ++l) {
      if (left[l].empty()) continue;
      const auto [from, to] = left[l].back();
      left[l].pop_back();
      bool agree = true;
      for (std::size_t k = 0; k < N; ++k)
        agree = agree && !(std::abs(half[l] * (lane(fine[k], l) - lane(coarse[k], l))) > lane(tolerance, l));
      std::array<double, 15> y;
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = lane(first[i], l);
      const double cut = agree ? to : middle[l] + half[l] * detail::divided_at(y);
      if (turns >= 1 << 14 || cut == from || cut == to) {
        for (std::size_t k = 0; k < N; ++k) sum[k][l] += half[l] * lane(fine[k], l);
      } else {
        left[l].push_back({cut, to});
        left[l].push_back({from, cut});
      }
    }
  }
  std::array<R, N> all;
  for (std::size_t k = 0; k < N; ++k) all[k] = detail::coefficient_of<R>(sum[k]);
  return all;
}

}  // namespace diffode
