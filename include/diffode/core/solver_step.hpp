// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/exponential.hpp"
#include "diffode/core/option.hpp"
#include "diffode/core/unified.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace diffode {

/// Which prediction of the model a step takes for a polynomial in lambda: the noise, the clean data, or the f of
/// DPM-Solver-v3, which statistics of the model define.
enum class solver_form { noise, data, v3 };

/// A factor R on the first derivative of the prediction: what tells methods apart that agree to their order. h is that of
/// the noise form; the data form and v3 have -h in its place, but for `linear`.
enum class relaxation {
  factor,       ///< R = amount; with 1 the plain Taylor expansion
  linear,       ///< R = 1 + amount*h
  exponential,  ///< R = 1 + amount*expm1(h)
  bh1,          ///< R = (h^2/2)/(expm1(h) - h): UniPC with B(h) = h
  bh2,          ///< R = (h/2)*expm1(h)/(expm1(h) - h): UniPC with B(h) = e^h - 1, DPM-Solver's midpoint
};

/// How a step expands the prediction around the point that it starts from, and which evaluations the derivatives come from.
///
/// order   number of terms: the prediction itself and order - 1 derivatives; fewer while there is not history enough
/// amount  of the relaxation
/// points  points[k-1] says which evaluations besides the one at the start estimate the k-th derivative, by age, 0 the
///         newest known; an empty list, or none: as many of the newest as there are derivatives. Ages that a run does not
///         have yet are left out
struct expansion {
  int order = 2;
  relaxation relax = relaxation::factor;
  double amount = 1;
  std::vector<std::vector<int>> points{};
  friend bool operator==(const expansion&, const expansion&) = default;
};

/// What improves the state that a step reached: nothing, the next step's evaluation, or one of its own.
enum class solver_corrector { none, pseudo, implicit };

/// The choices of one step. Source  Liu et al. 2023, arXiv:2312.07243 (USF), as its authors' code has them
///
/// start    which evaluation, by age, the step expands around and starts from; 0 the newest
/// correct  of the corrector, whose evaluations are those of the step and, as the newest, the one at its target
struct solver_step {
  solver_form form = solver_form::data;
  int start = 0;
  expansion predict{};
  solver_corrector corrector = solver_corrector::none;
  expansion correct{.order = 3};
  friend bool operator==(const solver_step&, const solver_step&) = default;
};

namespace detail {

/// R of a relaxation, over a step described by `e`; z is h for noise and -h else.
template <coefficient R>
R relaxed(const expansion& how, const exponential_step<R>& e, const R& z) {
  switch (how.relax) {
    case relaxation::linear: return 1 + how.amount * e.h;
    case relaxation::exponential: return 1 + how.amount * expm1(z);
    // expm1(z) = z phi_1 and expm1(z) - z = z^2 phi_2: nothing cancels, and h may be 0.
    case relaxation::bh1: return 0.5 / phi(2, z);
    case relaxation::bh2: return 0.5 * phi(1, z) / phi(2, z);
    default: return R(how.amount);
  }
}

/// Weights w_j with sum_k I_k c_k = sum_j w_j m_j, where c_k is the k-th Taylor coefficient of m at node `base`, each taken
/// from the polynomial through that node and its own points.
///
/// x         nodes, newest first, as distances in lambda from node `base`
/// moments   I_0 .. I_(order-1); relax is the factor on I_1
template <coefficient R>
node_weights<R> expansion_weights(const expansion& how, std::span<const R> moments, const R& relax, std::span<const R> x, std::size_t base) {
  node_weights<R> w{};
  w[base] = moments[0];
  const std::size_t order = static_cast<std::size_t>(how.order);
  for (std::size_t k = 1; k < order; ++k) {
    std::array<R, max_nodes> at{};
    std::array<std::size_t, max_nodes> node{base};
    std::size_t count = 1;
    const auto take = [&](std::size_t j) { at[count] = x[j], node[count++] = j; };
    if (k <= how.points.size() && !how.points[k - 1].empty()) {
      for (const int age : how.points[k - 1])
        if (static_cast<std::size_t>(age) < x.size() && static_cast<std::size_t>(age) != base) take(static_cast<std::size_t>(age));
    } else {
      for (std::size_t j = 0; j < x.size() && count < order; ++j)
        if (j != base) take(j);
    }
    if (count <= k) break;
    const R weight = k == 1 ? R(relax * moments[1]) : moments[k];
    for (std::size_t q = 0; q < count; ++q)
      w[node[q]] = w[node[q]] + weight * lagrange_coefficients(std::span<const R>(at.data(), count), q)[k];
  }
  return w;
}

/// Nothing, or what is wrong with an expansion of order `most` at most around the evaluation of age `base`, of the `known`
/// newest.
inline fault check_expansion(std::string_view who, const expansion& e, int most, int base, int known) {
  if (e.order < 1 || e.order > most) return refuse(errc::bad_method, who, ".order is ", e.order, ", needs 1 to ", most);
  if (!(std::abs(e.amount) <= most_strength)) return refuse(errc::bad_method, who, ".amount is ", e.amount, ", needs a number from ", -most_strength, " to ", most_strength);
  if (e.points.size() > static_cast<std::size_t>(e.order - 1))
    return refuse(errc::bad_method, who, ".points has ", e.points.size(), " lists, needs one for each derivative at most, ", e.order - 1);
  for (std::size_t k = 0; k < e.points.size(); ++k) {
    const std::vector<int>& ages = e.points[k];
    if (!ages.empty() && ages.size() < k + 1)
      return refuse(errc::bad_method, who, ".points[", k, "] has ", ages.size(), " ages, needs ", k + 1, " at least, or none");
    for (std::size_t i = 0; i < ages.size(); ++i) {
      if (ages[i] < 0 || ages[i] >= known || ages[i] == base)
        return refuse(errc::bad_method, who, ".points[", k, "] has age ", ages[i], ", needs 0 to ", known - 1, " other than ", base, ", that of the start");
      for (std::size_t j = 0; j < i; ++j)
        if (ages[j] == ages[i]) return refuse(errc::bad_method, who, ".points[", k, "] has age ", ages[i], " twice, needs distinct ones");
    }
  }
  return {};
}

/// Nothing, or what is wrong with a step. A corrector knows one evaluation more than its step did.
inline fault check_step(std::string_view who, const solver_step& s) {
  constexpr int most = max_nodes - 1;
  if (s.start < 0 || s.start >= most) return refuse(errc::bad_method, who, ".start is ", s.start, ", needs 0 to ", most - 1);
  if (const fault f = check_expansion(std::string_view(text(who, ".predict")), s.predict, most, s.start, most)) return f;
  if (s.corrector == solver_corrector::none) return {};
  return check_expansion(std::string_view(text(who, ".correct")), s.correct, s.form == solver_form::v3 ? most : most + 1, s.start + 1, most + 1);
}

}  // namespace detail

}  // namespace diffode
