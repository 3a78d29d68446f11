// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/parameterisation.hpp"
#include "diffode/model/filter.hpp"
#include "diffode/model/guidance.hpp"

#include <concepts>
#include <type_traits>
#include <utility>

namespace diffode {

/// All that a run has to know of a model besides how to call it: what its outputs mean, how they are mixed, and what
/// happens to the predicted x0. Numbers only; gone once the run is planned.
template <parameterisation P, class Filter = no_filter>
struct model_form {
  P meaning{};
  guidance mix{};
  Filter limit{};

  static constexpr bool filters = !std::same_as<Filter, no_filter>;

  fault check() const {
    if constexpr (requires { meaning.check(); })
      if (const fault f = meaning.check()) return f;
    if constexpr (requires { limit.check(); })
      if (const fault f = limit.check()) return f;
    return mix.check();
  }
};

/// A model form together with the function that evaluates it, for push style.
template <class Form, class Net>
struct model {
  Form form;
  Net net;
};

namespace detail {
template <class M>
struct is_form : std::false_type {};
template <class P, class F>
struct is_form<model_form<P, F>> : std::true_type {};
}  // namespace detail

/// What `compile` takes for a model: a bare parameterisation such as `eps_model{}`, or a whole form.
template <class M>
concept form_like = parameterisation<M> || detail::is_form<M>::value;

template <form_like M>
auto as_form(M m) {
  if constexpr (parameterisation<M>) return model_form<M>{std::move(m)};
  else return m;
}

/// The same model, guided: `guided(eps_model{}, classifier_free(3))` or `guided(eps(net), classifier_free(3))`.
template <form_like M>
auto guided(M m, const guidance& mix) {
  auto form = as_form(std::move(m));
  form.mix = mix;
  return form;
}
template <class Form, class Net>
auto guided(model<Form, Net> m, const guidance& mix) {
  m.form.mix = mix;
  return m;
}

/// The same model with a filter on its predicted x0: `filtered(eps(net), clip{1})`.
template <form_like M, class Filter>
auto filtered(M m, Filter limit) {
  auto form = as_form(std::move(m));
  return model_form<decltype(form.meaning), Filter>{std::move(form.meaning), form.mix, std::move(limit)};
}
template <class Form, class Net, class Filter>
auto filtered(model<Form, Net> m, Filter limit) {
  auto form = filtered(std::move(m.form), std::move(limit));
  return model<decltype(form), Net>{std::move(form), std::move(m.net)};
}

/// Names what a denoiser returns. `net` is called as net(x, at, out), see concept/denoiser.hpp.
template <parameterisation P, class Net>
auto model_of(P meaning, Net net) {
  return model<model_form<P>, Net>{{std::move(meaning)}, std::move(net)};
}

}  // namespace diffode
