// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/adjoint_sampler.hpp"
#include "diffode/run/sample.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What a run for a gradient did.
struct adjoint_report {
  int calls = 0, products = 0;  ///< evaluations, repeated ones counted each time, and vector-Jacobian products
  std::size_t bytes = 0;        ///< memory taken besides the caller's arrays
  plan_gradient plan;           ///< as far as the options ask for it
};

namespace detail {

// In which ways a vector-Jacobian product may be called: X, V and Out are views shaped like the user's array.
template <class Product, class X, class V, class Out>
concept one_product = std::invocable<Product&, X, const level<>&, V, Out>;
template <class Product, class X, class V, class Out>
concept numbered_product = std::invocable<Product&, X, const level<>&, V, Out, int>;
template <class Product, class X, class V, class Out>
concept lane_product = !one_product<Product, X, V, Out> && std::invocable<Product&, X, std::span<const level<>>, V, Out>;
template <class Product, class T>
concept whole_product = std::invocable<Product&, const adjoint_request<T>&, std::span<T>>;
template <class Product, class T>
concept labelled_product = std::invocable<Product&, const adjoint_request<T>&, std::span<T>, std::span<double>>;

/// Nothing, or why this product can not answer what is asked.
template <class Product, class T, class X, class Out>
fault check_product(const plan& p, bool labels) {
  if (labels && !labelled_product<Product, T>)
    return refuse(errc::bad_model, "adjoint: labels is true, needs a product vjp(call, out, label)");
  if (whole_product<Product, T> || labelled_product<Product, T>) return {};
  if (p.model_outputs() > 1 && !numbered_product<Product, X, X, Out>)
    return refuse(errc::bad_model, "adjoint: guidance has ", p.model_outputs(), " outputs, needs a product vjp(x, at, v, out, which) or vjp(call, out)");
  if (p.lanes().count > 1 && !lane_product<Product, X, X, Out>)
    return refuse(errc::bad_model, "adjoint: number of lanes is ", p.lanes().count, ", needs a product vjp(x, levels, v, out) or vjp(call, out)");
  return {};
}

/// One product, in whichever form the user's function takes it.
template <class Product, class A, class T>
void ask_product(Product& vjp, const A& like, const adjoint_request<T>& wanted, std::span<T> out, std::span<double> label) {
  using traits = array_traits<std::remove_cvref_t<A>>;
  [[maybe_unused]] const auto x = traits::view(like, wanted.call.x.data()), v = traits::view(like, wanted.cotangent.data());
  [[maybe_unused]] const auto to = traits::view(like, out.data());
  using X = decltype(traits::view(like, wanted.call.x.data()));
  using Out = decltype(traits::view(like, out.data()));
  static_assert(labelled_product<Product, T> || whole_product<Product, T> || numbered_product<Product, X, X, Out> || lane_product<Product, X, X, Out> || one_product<Product, X, X, Out>,
                "the product must be callable as vjp(x, at, v, out), vjp(x, at, v, out, which), vjp(x, levels, v, out), vjp(call, out) or vjp(call, out, label); see docs/adjoint.md");
  if constexpr (labelled_product<Product, T>) vjp(wanted, out, label);
  else if constexpr (whole_product<Product, T>) vjp(wanted, out);
  else if constexpr (numbered_product<Product, X, X, Out>) vjp(x, wanted.call.at, v, to, wanted.output);
  else if constexpr (lane_product<Product, X, X, Out>) vjp(x, wanted.call.levels, v, to);
  else vjp(x, wanted.call.at, v, to);
}

/// Answers whatever a run for a gradient asks for, until it asks for nothing.
template <class Run, class Net, class Product, class A>
fault answer_both(Run& s, Net& net, Product& vjp, A&& x, std::size_t outputs, std::span<double> label) {
  using T = element_of<A>;
  const std::size_t n = array_traits<std::remove_cvref_t<A>>::size(x);
  std::vector<T> answers(n * outputs);
  std::array<std::span<T>, max_outputs> outs;
  std::array<std::span<const T>, max_outputs> given;
  while (const auto wanted = s.next()) {
    if (wanted->is_product()) {
      const std::span<T> out = std::span<T>(answers).first(n);
      ask_product(vjp, x, *wanted, out, label);
      if (const fault f = s.try_feed(std::span<const T>(out), wanted->wants_label ? std::span<const double>(label) : std::span<const double>())) return f;
      continue;
    }
    for (std::size_t k = 0; k < outputs; ++k)
      given[k] = outs[k] = wanted->call.wants(static_cast<int>(k)) ? std::span<T>(answers).subspan(k * n, n) : std::span<T>();
    ask(net, x, wanted->call, std::span<const std::span<T>>(outs.data(), outputs));
    if (const fault f = s.try_feed(std::span<const std::span<const T>>(given.data(), outputs))) return f;
  }
  return {};
}

}  // namespace detail

/// Push style: runs a plan to its end, asks for the gradient of the loss there, and takes it back to the start.
///
/// x        the state at levels.front() going in, the sample coming out
/// dx       of the size of x: dL/dx of the start coming out
/// loss     called once, loss(sample, gradient), with views shaped like x: writes all of dL/dx of the sample to the second
/// vjp      v^T dF/dx of the function m.net at x, as vjp(x, at, v, out) for models of one output; vjp(x, at, v, out, which);
///          vjp(x, levels, v, out) for lanes; vjp(call, out) or vjp(call, out, label) with the adjoint_request<T>. v and out
///          are x-sized. Parameters of the model: add up v^T dF/dtheta there
/// Order    evaluations from first to last; products from last to first, with repeated evaluations between them where
///          o.checkpoints says so
/// Errors   as adjoint_sampler; a model that means something else than the one the plan was made for, and functions of the wrong
///          form for guidance, lanes or labels; all of these before x changes
template <class Form, class Net, class Product, array A, array G, class Loss, class Noise = philox>
result<adjoint_report> try_adjoint(const shared_plan& made, model<Form, Net> m, Product vjp, A&& x, G&& dx, Loss loss, const adjoint_options& o = {}, Noise noise = {}) {
  using T = element_of<A>;
  static_assert(std::same_as<T, element_of<G>>, "diffode: x and dx must have the same element type");
  using traits = array_traits<std::remove_cvref_t<A>>;
  using X = decltype(traits::view(x, static_cast<const T*>(nullptr)));
  using Out = decltype(traits::view(x, static_cast<T*>(nullptr)));
  static_assert(std::invocable<Loss&, X, Out>, "the loss must be callable as loss(sample, gradient); see docs/adjoint.md");
  if (detail::mark_of(m.form, *made) != made->model())
    return detail::refuse(errc::bad_model, "adjoint: model means something else (parameterisation, guidance or filter), needs the one that the plan of ", made->method(), " was made for");
  if (const fault f = detail::check_denoiser<Net, T, X, Out>(made->model_outputs(), made->lanes().count)) return *f;
  if (const fault f = detail::check_product<Product, T, X, Out>(*made, o.labels)) return *f;
  using run = adjoint_sampler<T, Noise, decltype(m.form.limit)>;
  result<run> started = run::try_make(made, x, dx, o, std::move(noise), std::move(m.form.limit));
  if (!started) return *started.reason();
  run& s = started.value();
  const std::size_t outputs = static_cast<std::size_t>(made->model_outputs());
  std::vector<double> label(made->lanes().count);
  if (const fault f = detail::answer_both(s, m.net, vjp, x, outputs, label)) return *f;
  loss(traits::view(x, static_cast<const T*>(traits::data(x))), traits::view(x, array_traits<std::remove_cvref_t<G>>::data(dx)));
  if (const fault f = s.try_start_backward()) return *f;
  if (const fault f = detail::answer_both(s, m.net, vjp, x, outputs, label)) return *f;
  return adjoint_report{s.calls(), s.products(), run::bytes(*made, traits::size(x), o), s.gradient()};
}
template <class Form, class Net, class Product, array A, array G, class Loss, class Noise = philox>
adjoint_report adjoint(const shared_plan& made, model<Form, Net> m, Product vjp, A&& x, G&& dx, Loss loss, const adjoint_options& o = {}, Noise noise = {}) {
  return try_adjoint(made, std::move(m), std::move(vjp), x, dx, std::move(loss), o, std::move(noise)).value();
}

}  // namespace diffode
