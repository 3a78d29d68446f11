// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/mixture.hpp"
#include "diffode/model.hpp"

#include <cmath>

namespace diffode_test {

/// What the model of a test returns.
enum class told { eps, x0, v, flow, score };

inline constexpr told every_told[] = {told::eps, told::x0, told::v, told::flow, told::score};

inline const char* name(told what) {
  constexpr const char* names[] = {"eps", "x0", "v", "flow", "score"};
  return names[static_cast<int>(what)];
}

/// The library's parameterisations behind one type, chosen by a value: a test need not be compiled for each of them.
struct told_model {
  told what = told::eps;

  template <diffode::coefficient R>
  diffode::affine<R> x0(const diffode::level<R>& at) const {
    return ask([&](const auto& m) { return m.x0(at); });
  }
  template <diffode::coefficient R>
  diffode::affine<R> eps(const diffode::level<R>& at) const {
    return ask([&](const auto& m) { return m.eps(at); });
  }
  template <diffode::coefficient R>
  R input_scale(const diffode::level<R>& at) const {
    return ask([&](const auto& m) { return diffode::input_scale_of(m, at); });
  }
  template <diffode::coefficient R>
  R label(const diffode::level<R>& at) const {
    return ask([&](const auto& m) { return diffode::label_of(m, at); });
  }

 private:
  template <class F>
  auto ask(F f) const {
    switch (what) {
      case told::eps: return f(diffode::eps_model{});
      case told::x0: return f(diffode::x0_model{});
      case told::v: return f(diffode::v_model{});
      case told::flow: return f(diffode::flow_model{});
      case told::score: break;
    }
    return f(diffode::score_model{});
  }
};

using told_form = diffode::model_form<told_model>;

/// What a model that knows the truth returns: the definitions of the five predictions.
inline double returned(told what, const truth& t, const diffode::level<>& l) {
  switch (what) {
    case told::eps: return t.eps;
    case told::x0: return t.x0;
    case told::v: return (l.alpha * t.eps - l.sigma * t.x0) / std::hypot(l.alpha, l.sigma);
    case told::flow: return t.eps - t.x0;
    case told::score: break;
  }
  return -t.eps / l.sigma;
}

}  // namespace diffode_test
