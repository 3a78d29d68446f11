// SPDX-License-Identifier: MIT
#pragma once

#include "compare.hpp"
#include "diffode/diffode.hpp"
#include "fields.hpp"
#include "mixture.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace goldens {

/// What the answer of the mixture means to the library.
struct any_meaning {
  answer what = answer::epsilon;

  template <diffode::coefficient R>
  diffode::affine<R> x0(const diffode::level<R>& at) const {
    switch (what) {
      case answer::x0: return diffode::x0_model{}.x0(at);
      case answer::v: return diffode::v_model{}.x0(at);
      case answer::flow: return diffode::flow_model{}.x0(at);
      default: return diffode::eps_model{}.x0(at);
    }
  }
  template <diffode::coefficient R>
  diffode::affine<R> eps(const diffode::level<R>& at) const {
    switch (what) {
      case answer::x0: return diffode::x0_model{}.eps(at);
      case answer::v: return diffode::v_model{}.eps(at);
      case answer::flow: return diffode::flow_model{}.eps(at);
      default: return diffode::eps_model{}.eps(at);
    }
  }
};

/// Clipping or thresholding of the predicted x0.
struct any_limit {
  std::variant<diffode::clip, diffode::dynamic_threshold> what;

  void operator()(std::span<const double> in, std::span<double> out, const diffode::filter_call& where) {
    std::visit([&](auto& limit) { limit(in, out, where); }, what);
  }
  diffode::fault check() const {
    return std::visit([](const auto& limit) { return limit.check(); }, what);
  }
};

/// Everything of a trajectory case but its solver.
struct problem {
  std::string solver, space;
  diffode::grid levels;
  mixture model;
  answer prediction;
  samples start;
  std::vector<double> noise;  ///< streams x samples x dimension
  std::optional<any_limit> limit = {};
  diffode::compile_options options = {.watch_state = true};
  closeness close = {};
};

/// What a run of the library showed.
struct outcome {
  std::vector<std::vector<double>> states, predicted;
  std::vector<diffode::level<>> evaluations;
  std::vector<double> end;
};

namespace detail {

/// Equal bit for bit: == would take zeros of different sign for equal.
inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  return true;
}

inline bool same_bits(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return true;
}

/// Writes down what a run shows.
struct witness {
  outcome& seen;

  void operator()(const diffode::sight<double>& now) const {
    std::vector<double> x(now.x.begin(), now.x.end());
    (now.what == diffode::seen::state ? seen.states : seen.predicted).push_back(std::move(x));
  }
};

template <class Filter>
outcome pulled(const diffode::shared_plan& made, const problem& p, const Filter& limit) {
  outcome seen;
  seen.end = p.start.values;
  const diffode::recorded_noise<double> noise{p.noise, p.start.dimension, p.start.count};
  diffode::sampler s(made, seen.end, {.batch = p.start.count}, noise, limit);
  std::vector<double> answered(seen.end.size());
  while (const auto call = s.next()) {
    seen.evaluations.push_back(call->at);
    p.model(p.prediction, call->at.alpha, call->at.sigma, call->x, answered);
    s.feed(answered, witness{seen});
  }
  return seen;
}

template <class Form>
outcome pushed(const diffode::shared_plan& made, const problem& p, const Form& form) {
  outcome seen;
  seen.end = p.start.values;
  const diffode::recorded_noise<double> noise{p.noise, p.start.dimension, p.start.count};
  const auto net = [&](const diffode::request<double>& call, std::span<const std::span<double>> outs) {
    seen.evaluations.push_back(call.at);
    p.model(p.prediction, call.at.alpha, call.at.sigma, call.x, outs[0]);
  };
  diffode::sample(made, diffode::model<Form, decltype(net)>{form, net}, seen.end, {.batch = p.start.count}, noise,
                  witness{seen});
  return seen;
}

template <diffode::method M, class Levels, class Form>
outcome run_form(const M& how, const Levels& levels, const problem& p, const Form& form) {
  const diffode::shared_plan made(diffode::compile(how, levels, form, p.options));
  outcome pull = pulled(made, p, form.limit);
  const outcome push = pushed(made, p, form);
  if (!same_bits(pull.states, push.states) || !same_bits(pull.predicted, push.predicted) ||
      !same_bits(pull.end, push.end) || pull.evaluations.size() != push.evaluations.size())
    throw wrong_case("pull and push differ");
  return pull;
}

}  // namespace detail

/// Runs a case through pull and through push, which have to agree bit for bit. `levels` is its grid, in whatever form;
/// with lanes, all are at the same level.
template <diffode::method M, class Levels>
outcome run(const M& how, const Levels& levels, const problem& p) {
  const auto form = diffode::as_form(any_meaning{p.prediction});
  return p.limit ? detail::run_form(how, levels, p, diffode::filtered(form, *p.limit)) : detail::run_form(how, levels, p, form);
}
template <diffode::method M>
outcome run(const M& how, const problem& p) {
  return run(how, p.levels, p);
}

}  // namespace goldens
