// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/recorder.hpp"

#include <cmath>

namespace diffode {

/// A one-step method made exactly invertible by a second state: the run on the reversed grid undoes every step to rounding.
///
/// Source       McCallum, Foster 2024, arXiv:2410.11648, eq. (3) to (6), for any one-step method; written here for states
///              that change their scale along the path. With heun or euler it replaces EDICT, arXiv:2211.12446
/// Order        that of the method          Evaluations  twice those of the method
/// Memory       the second state, which lasts as long as the first: sampler::partner()
/// Ends         a step to sigma = 0 or from alpha = 0 is the method's own and can not be undone; towards noise it is refused
/// Differs      from EDICT: its mixing is replaced by the coupling, so any one-step method and order serves
/// Names        none of the engines has it; diffusers' EDICT and BDIA community pipelines do the same job with DDIM
/// Errors       refuses methods that remember evaluations or draw noise, and a coupling outside (0, 1]
///
/// With M(s, t, x) the method's step, S = sqrt(alpha^2 + sigma^2) the scale of a state, y the state and z its partner
///     y_t = M(s, t, z_s) + coupling S_t/S_s (y_s - z_s),      z_t = y_t + S_t/S_s (z_s - M(t, s, y_t)),
/// and solved for what was before, which is what a step towards noise takes:
///     z_s = M(t, s, y_t) + S_s/S_t (z_t - y_t),               y_s = z_s + S_s/S_t (y_t - M(s, t, z_s))/coupling.
template <class M>
struct reversible {
  M inner{};
  double coupling = 0.999;  ///< near 1: differences between the states live on, but inversion amplifies them little
  prediction target = inner.target;

  static constexpr const char* name = "reversible";
  static constexpr bool paired = true;
  static constexpr int keep() { return 0; }
  int order() const { return inner.order(); }

  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const auto finite = [](double lambda) { return std::isfinite(lambda); };
    const bool ends = !every(finite, s.lambda) || !every(finite, t.lambda);
    const R grown = hypot(t.alpha, t.sigma) / hypot(s.alpha, s.sigma);
    if (every([](double h) { return h < 0; }, R(t.lambda - s.lambda))) {
      if (ends) r.refuse("a step from sigma = 0 or to alpha = 0 can not be undone, needs a grid between them");
      return back(r, s, t, grown);
    }
    const value y = r.state(), z = r.partner();
    const value y_next = r.sum({{inner_step(r, z, s, t), 1}, {y, grown * coupling}, {z, grown * -coupling}});
    if (ends) r.partner_becomes(y_next);
    else r.partner_becomes(r.sum({{y_next, 1}, {z, grown}, {inner_step(r, y_next, t, s), -grown}}));
    return y_next;
  }

  fault check() const {
    if (inner.keep() != 0) return detail::refuse(errc::bad_method, "reversible: ", inner.name, " remembers ", inner.keep(), " evaluations, needs a method that remembers none");
    if (!(coupling > 0 && coupling <= 1)) return detail::refuse(errc::bad_method, "reversible: coupling is ", coupling, ", needs a number above 0, at most 1");
    if (target != inner.target) return detail::refuse(errc::bad_method, name, ": target is not that of ", inner.name, ", needs the same");
    return inner.check();
  }

 private:
  template <coefficient R>
  value back(recorder<R>& r, const level<R>& s, const level<R>& t, const R& grown) const {
    const value y = r.state(), z = r.partner();
    const value z_next = r.sum({{inner_step(r, y, s, t), 1}, {z, grown}, {y, -grown}});
    r.partner_becomes(z_next);
    return r.sum({{z_next, 1}, {y, grown / coupling}, {inner_step(r, z_next, t, s), -grown / coupling}});
  }
  template <coefficient R>
  value inner_step(recorder<R>& r, value from, const level<R>& s, const level<R>& t) const {
    const std::size_t drawn = r.noises();
    r.start_from(from);
    const value reached = inner.step(r, s, t);
    if (r.noises() > drawn) r.refuse(detail::text(inner.name, " draws noise, which no step can undo, needs a deterministic method"));
    return reached;
  }
};

}  // namespace diffode
