// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/flow.hpp"

#include <cmath>
#include <utility>

namespace diffode {

/// How `amount` moves the noise up: rho = sigma/alpha is multiplied by `amount` (factor, linear) or by e^amount
/// (exponential). Factor and linear are one formula under the two names it has in configuration files.
enum class shift_kind { factor, exponential, linear };

/// Another schedule with more noise at each time, as larger images need: rho_shifted = M rho^power,
/// lambda_shifted = power lambda - ln M.
///
/// Source  Esser et al. 2024, arXiv:2403.03206, eq. (23): sigma = M u/(1 + (M - 1) u) on rectified flow;
///         Hoogeboom et al. 2023, arXiv:2301.11093: the same shift of lambda on VP paths
/// Units   t: time of `base` before the shift, in which steps are equidistant; lambda in nats
/// Label   the time of `base` at the shifted level (on flow: the shifted sigma), which is what the model learnt
/// Differs a shift around a shift shifts twice; nothing here does that by itself
/// Errors  those of `base`; refuses an amount that is not finite (factor, linear: not above 0), and power <= 0
template <noise_schedule Base = flow> struct shifted {
  Base base{};
  shift_kind kind = shift_kind::factor;
  double amount = 1, power = 1;

  static constexpr std::string_view name = "shifted";

  level<> at(double t) const {
    level<> l = base.at_lambda(power * base.at(t).lambda - log_factor());
    l.t = t;
    return l;
  }

  level<> at_lambda(double lambda) const {
    level<> l = base.at_lambda(lambda);
    l.t = base.at_lambda((lambda + log_factor()) / power).t;
    return l;
  }

  time_range range() const { return base.range(); }

  fault check() const {
    using detail::refuse;
    if (const fault f = base.check()) return f;
    if (kind == shift_kind::exponential && !std::isfinite(amount))
      return refuse(errc::bad_schedule, name, ": mu is ", amount, ", needs a finite number");
    if (kind != shift_kind::exponential && !(std::isfinite(amount) && amount > 0))
      return refuse(errc::bad_schedule, name, kind == shift_kind::factor ? ": factor is " : ": mu is ",
                    amount, ", needs a finite number above 0");
    if (!(std::isfinite(power) && power > 0))
      return refuse(errc::bad_schedule, name, ": power is ", power, ", needs a finite number above 0");
    return {};
  }

 private:
  double log_factor() const { return kind == shift_kind::exponential ? amount : std::log(amount); }
};

static_assert(noise_schedule<shifted<>>);

/// Static shift: M = factor ("shift", "flow_shift" in configuration files; 3 for Stable Diffusion 3).
template <noise_schedule Base = flow> shifted<Base> shifted_by(double factor, Base base = {}) {
  return {std::move(base), shift_kind::factor, factor};
}

/// Dynamic shift of type "exponential": M = e^mu.
template <noise_schedule Base = flow> shifted<Base> shifted_exponential(double mu, Base base = {}) {
  return {std::move(base), shift_kind::exponential, mu};
}

/// Dynamic shift of type "linear": M = mu.
template <noise_schedule Base = flow> shifted<Base> shifted_linear(double mu, Base base = {}) {
  return {std::move(base), shift_kind::linear, mu};
}

/// The line mu(tokens) through (tokens_low, mu_low) and (tokens_high, mu_high); the defaults are those of Flux.
struct token_line {
  double tokens_low = 256, mu_low = 0.5, tokens_high = 4096, mu_high = 1.15;
};

/// The mu of a dynamic shift for an image of that many tokens.
/// Errors  refuses tokens that are not finite or not above 0, and a line through two equal token counts
inline result<double> try_mu_of_tokens(double tokens, token_line line = {}) {
  using detail::refuse;
  if (!(std::isfinite(tokens) && tokens > 0))
    return refuse(errc::bad_schedule, "mu_of_tokens: tokens is ", tokens, ", needs a finite number above 0");
  if (!(std::isfinite(line.mu_low) && std::isfinite(line.mu_high)))
    return refuse(errc::bad_schedule, "mu_of_tokens: mu_low, mu_high are ", line.mu_low, ", ", line.mu_high, ", need finite numbers");
  if (!(line.tokens_high > line.tokens_low))
    return refuse(errc::bad_schedule, "mu_of_tokens: tokens_high is ", line.tokens_high,
                  ", needs a number above tokens_low = ", line.tokens_low);
  const double slope = (line.mu_high - line.mu_low) / (line.tokens_high - line.tokens_low);
  return line.mu_low + slope * (tokens - line.tokens_low);
}

inline double mu_of_tokens(double tokens, token_line line = {}) {
  return try_mu_of_tokens(tokens, line).value();
}

}  // namespace diffode
