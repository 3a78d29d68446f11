// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/overlap.hpp"
#include "diffode/grid/reversed.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/run/adjoint.hpp"
#include "diffode/run/sampler.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Pull style, for the continuous adjoint of the probability flow: solves the flow backwards from a sample, and with it
/// the equation for dL/dx. No state of the run that made the sample is needed, and the gradient is that of the flow, not of
/// that run.
///
/// Source   Pan et al. 2023, arXiv:2307.10711 (AdjointDPM): with y = x/alpha, rho = sigma/alpha and a = dL/dy
///              dy/drho = eps(x),   da/drho = -alpha (d eps/dx)^T a,   dL/dtheta = -int (d eps/dtheta)^T a drho,
///          the last from the end of the data to the noisy one. In lambda: Blasingame and Liu 2024, arXiv:2405.15020 (AdjointDEIS)
/// Form     B = alpha a follows the very equation of x, with -(d eps/dx)^T B for its noise: so any deterministic method that does
///          for inversion takes both, as one state of twice the size; methods along rho (euler, heun, rk, lms) make this AdjointDPM's
///          equation in rho, exponential ones (ddim, dpmpp_2m, unipc, exponential_rk with target eps) that in lambda
/// Differs  from adjoint_sampler: the gradient is off by the errors of both solutions. Where x comes back to says how
///          far: reconstruction_error(). At 20 steps of first order it is of no use; see docs/adjoint.md
/// Memory   5 arrays of the size of x, and those of the method besides its state, twice that size each; nothing is kept along
///          the way
/// Elements float or double
template <std::floating_point T, form_like F, class Backend = cpu>
class continuous_adjoint {
  using form_type = decltype(as_form(std::declval<F>()));

 public:
  /// `levels` from noise to data, as the run that made the sample went. `x`: the sample going in, the state at levels.front()
  /// that it is led back to coming out. `dx`: dL/dx of the sample going in, that of levels.front() coming out.
  /// Errors  refuses filters, a grid that goes towards noise or starts where alpha = 0, models whose noise has no value at a level,
  ///         arrays of different sizes; and as `compile` on a grid towards noise, where methods that draw noise are refused
  template <method M, array A, array G>
  static result<continuous_adjoint> try_make(const M& how, const grid& levels, F model, A&& x, G&& dx, Backend on = {}) {
    using detail::refuse;
    using traits = array_traits<std::remove_cvref_t<A>>;
    using gradient_traits = array_traits<std::remove_cvref_t<G>>;
    const std::span<T> state(traits::data(x), traits::size(x)), gradient(gradient_traits::data(dx), gradient_traits::size(dx));
    form_type form = as_form(std::move(model));
    if (form_type::filters) return refuse(errc::bad_model, "continuous_adjoint: the model has a filter, needs none: with one there is no flow to solve backwards");
    if (const fault f = form.check()) return *f;
    if (!levels.denoises()) return refuse(errc::bad_grid, "continuous_adjoint: lambda goes from ", levels.front().lambda, " to ", levels.back().lambda, ", needs to rise, from noise to data");
    if (!(levels.front().alpha > 0)) return refuse(errc::bad_grid, "continuous_adjoint: alpha of level 0 is ", levels.front().alpha, ", needs a number above 0: y = x/alpha");
    const bool shares = detail::overlaps(gradient.data(), gradient.size_bytes(), state.data(), state.size_bytes());
    if (state.empty() || gradient.size() != state.size() || shares)
      return refuse(errc::bad_shape, "continuous_adjoint: sizes of x and dx are ", state.size(), " and ", gradient.size(), shares ? ", in one memory" : "",
                    ", needs two arrays of one size, at least 1");
    const result<grid> back = try_reversed(levels);
    if (!back) return *back.reason();
    result<plan> made = try_compile(how, back.value(), eps_model{});
    if (!made) return *made.reason();
    for (int k = 0; k < made.value().calls(); ++k)
      if (const affine<double> eps = form.meaning.eps(made.value().call(k).at); !std::isfinite(eps.cx) || !std::isfinite(eps.cf))
        return refuse(errc::bad_model, "continuous_adjoint: the model's noise has no value at sigma ", made.value().call(k).at.sigma, ", needs a grid that ends above 0, or an eps model");
    return continuous_adjoint(std::move(made).value(), levels, std::move(form), state, gradient, std::move(on));
  }
  template <method M, array A, array G>
  continuous_adjoint(const M& how, const grid& levels, F model, A&& x, G&& dx, Backend on = {})
      : continuous_adjoint(try_make(how, levels, std::move(model), x, dx, std::move(on)).value()) {
    static_assert(detail::outlives_call<A> && detail::outlives_call<G>, "diffode: this array would be gone before the run: give it a named one");
  }

  /// What is wanted now, or nothing when both arrays hold what they came for. Of each evaluation the outputs first, then the
  /// product of each with B: what v^T dF/dtheta counts for in dL/dtheta is the request's weight.
  std::optional<adjoint_request<T>> next() const {
    const auto pair = solver_.next();
    if (!pair) return std::nullopt;
    const level<> at = level_of(*pair);
    request<T> call{shown_, at.label, at, levels_, wanted_outputs(*pair), pair->index, pair->step, pair->stage, pair->last_of_step};
    if (output_ < 0) return adjoint_request<T>{.call = call};
    call.outputs = 1u << output_;
    return adjoint_request<T>{.call = call, .cotangent = pair->x.last(size()), .output = output_, .weight = weight_of(*pair)};
  }

  /// The answer to next(), x-sized; consumed before this returns.
  /// Errors  refuses an answer nobody asked for, and one of the wrong size; the run is then as it was
  void feed(std::type_identity_t<std::span<const T>> answer) { raise(try_feed(answer)); }
  void feed(std::initializer_list<std::span<const T>> outputs) { raise(try_feed(std::span<const std::span<const T>>(outputs.begin(), outputs.size()))); }
  fault try_feed(std::type_identity_t<std::span<const T>> answer, std::span<const double> = {}) { return try_feed(std::span<const std::span<const T>>(&answer, 1)); }
  fault try_feed(std::span<const std::span<const T>> answers) {
    const auto wanted = next();
    if (!wanted) return detail::refuse(errc::bad_call, "feed: the run is finished after ", calls_, " evaluations, needs a next() that asks for one");
    if (const fault f = wanted->is_product() ? detail::check_outputs<T>(answers, 1, 1, size()) : detail::check_outputs<T>(answers, wanted->call.outputs, form_.mix.outputs, size())) return f;
    const auto pair = solver_.next();
    const affine<double> eps = form_.meaning.eps(pair->at);
    const auto weights = form_.mix.weights(pair->at);
    const std::span<T> noise = std::span<T>(answer_).first(size()), turned = std::span<T>(answer_).last(size());
    if (output_ < 0) {
      // eps = cx x + cf sum_k w_k F_k, and the part of -(d eps/dx)^T B that no product is needed for.
      linear(noise, {{pair->x.first(size()), eps.cx}});
      linear(turned, {{pair->x.last(size()), -eps.cx}});
      for (std::size_t k = 0; k < answers.size(); ++k)
        if (wanted->call.wants(static_cast<int>(k))) linear(noise, {{noise, 1}, {answers[k], eps.cf * weights[k]}});
      ++calls_;
    } else {
      linear(turned, {{turned, 1}, {answers[0], -eps.cf * input_scale_of(form_.meaning, pair->at) * weights[static_cast<std::size_t>(output_)]}});
      ++products_;
    }
    do ++output_;
    while (output_ < form_.mix.outputs && (wanted_outputs(*pair) >> output_ & 1u) == 0);
    if (output_ < form_.mix.outputs) return {};
    if (const fault f = solver_.try_feed(std::span<const T>(answer_))) return f;
    show();
    return {};
  }

  bool is_finished() const { return solver_.finished(); }
  int calls() const { return calls_; }
  int products() const { return products_; }
  /// How far from `start`, the state that the sample was made from, the way back ended: root mean square of the difference, in
  /// units of that of `start`.
  /// Errors  refuses a start of another size than x
  double reconstruction_error(std::span<const T> start) const {
    if (start.size() != x_.size()) raise(detail::refuse(errc::bad_shape, "reconstruction_error: size of start is ", start.size(), ", needs ", x_.size(), ", the size of x"));
    double off = 0, all = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const double miss = static_cast<double>(x_[i]) - static_cast<double>(start[i]);
      off += miss * miss;
      all += static_cast<double>(start[i]) * static_cast<double>(start[i]);
    }
    return std::sqrt(off / all);
  }

 private:
  struct share {
    std::span<const T> of;
    double times;
  };

  continuous_adjoint(diffode::plan made, const grid& levels, form_type form, std::span<T> x, std::span<T> dx, Backend on)
      : form_(std::move(form)), x_(x), dx_(dx), noisy_alpha_(levels.front().alpha), shown_(x.size()), answer_(2 * x.size()), levels_(1), weights_(weights_of(made)),
        backend_(on), pair_(paired(x, dx, levels.back().alpha)),
        solver_(shared_plan(std::move(made)), std::span<T>(pair_), run_options{}, philox{}, no_filter{}, std::move(on)) {
    show();
  }

  static std::vector<T> paired(std::span<const T> x, std::span<const T> dx, double alpha) {
    std::vector<T> both(x.begin(), x.end());
    for (const T g : dx) both.push_back(static_cast<T>(alpha * alpha * static_cast<double>(g)));
    return both;
  }

  /// What each evaluation counts for at the end while all of them are what they are: the cotangents of their outputs, if
  /// products are 0.
  static std::vector<double> weights_of(const diffode::plan& made) {
    std::vector<double> all(static_cast<std::size_t>(made.calls())), end{1}, none(1);
    adjoint_plan turned = transposed(made);
    sampler<double> probe(shared_plan(std::move(turned.backward)), end);
    while (const auto call = probe.next()) {
      const product_call& p = turned.products[static_cast<std::size_t>(call->index)];
      all[static_cast<std::size_t>(made.instructions()[static_cast<std::size_t>(p.instruction)].tag)] = call->x[0];
      probe.feed(none);
    }
    return all;
  }

  std::size_t size() const { return x_.size(); }
  level<> level_of(const request<T>& pair) const {
    level<> at = pair.at;
    at.label = label_of(form_.meaning, pair.at);
    return at;
  }
  unsigned wanted_outputs(const request<T>& pair) const {
    const auto weights = form_.mix.weights(pair.at);
    unsigned mask = 0;
    for (int k = 0; k < form_.mix.outputs; ++k) mask |= (weights[static_cast<std::size_t>(k)] != 0 ? 1u : 0u) << k;
    return mask;
  }
  double weight_of(const request<T>& pair) const {
    return -weights_[static_cast<std::size_t>(pair.index)] * form_.meaning.eps(pair.at).cf * form_.mix.weights(pair.at)[static_cast<std::size_t>(output_)] /
           (noisy_alpha_ * pair.at.alpha);
  }

  /// Readies the next evaluation, or hands over both ends.
  void show() {
    output_ = -1;
    if (const auto pair = solver_.next()) {
      levels_[0] = level_of(*pair);
      linear(shown_, {{pair->x.first(size()), input_scale_of(form_.meaning, pair->at)}});
      return;
    }
    linear(x_, {{std::span<const T>(pair_).first(size()), 1}});
    linear(dx_, {{std::span<const T>(pair_).last(size()), 1 / (noisy_alpha_ * noisy_alpha_)}});
  }

  void linear(std::span<T> out, std::initializer_list<share> terms) {
    source in[2];
    double c[2];
    std::size_t n = 0;
    for (const share& s : terms) {
      in[n] = {s.of.data(), element_type<T>, false, 0};
      c[n++] = s.times;
    }
    const sink to[] = {{out.data(), element_type<T>}};
    backend_.template combine<T>(combination<T>{to, std::span<const source>(in, n), std::span<const double>(c, n), lane_map(), out.size(), out.size()}, philox{});
  }

  form_type form_;
  std::span<T> x_, dx_;
  double noisy_alpha_;
  std::vector<T> shown_, answer_;
  std::vector<level<>> levels_;
  std::vector<double> weights_;
  int output_ = -1, calls_ = 0, products_ = 0;  ///< whose product is wanted; -1: the evaluation is
  Backend backend_;
  std::vector<T> pair_;  ///< x and B, one after the other
  sampler<T, philox, no_filter, Backend> solver_;
};

/// What a continuous adjoint did. `reconstruction`: see continuous_adjoint::reconstruction_error; not a number without a start.
struct continuous_report {
  int calls, products;
  double reconstruction;
};

/// Push style: see continuous_adjoint; `vjp` as in try_adjoint. `start`: what the sample was made from, if it is known.
template <method M, class Form, class Net, class Product, array A, array G>
result<continuous_report> try_follow_back(const M& how, const grid& levels, model<Form, Net> m, Product vjp, A&& x, G&& dx, std::span<const element_of<A>> start = {}) {
  using T = element_of<A>;
  using traits = array_traits<std::remove_cvref_t<A>>;
  using X = decltype(traits::view(x, static_cast<const T*>(nullptr)));
  using Out = decltype(traits::view(x, static_cast<T*>(nullptr)));
  if (!start.empty() && start.size() != traits::size(x))
    return detail::refuse(errc::bad_shape, "follow_back: size of start is ", start.size(), ", needs ", traits::size(x), ", the size of x");
  if (m.form.mix.outputs > 1 && !detail::whole_product<Product, T> && !detail::numbered_product<Product, X, X, Out>)
    return detail::refuse(errc::bad_model, "follow_back: guidance has ", m.form.mix.outputs, " outputs, needs a product vjp(x, at, v, out, which) or vjp(call, out)");
  result<continuous_adjoint<T, Form>> begun = continuous_adjoint<T, Form>::try_make(how, levels, m.form, x, dx);
  if (!begun) return *begun.reason();
  continuous_adjoint<T, Form>& s = begun.value();
  if (const fault f = detail::answer_both(s, m.net, vjp, x, static_cast<std::size_t>(m.form.mix.outputs), {})) return *f;
  return continuous_report{s.calls(), s.products(), start.empty() ? std::numeric_limits<double>::quiet_NaN() : s.reconstruction_error(start)};
}
template <method M, class Form, class Net, class Product, array A, array G>
continuous_report follow_back(const M& how, const grid& levels, model<Form, Net> m, Product vjp, A&& x, G&& dx, std::span<const element_of<A>> start = {}) {
  return try_follow_back(how, levels, std::move(m), std::move(vjp), x, dx, start).value();
}

}  // namespace diffode
