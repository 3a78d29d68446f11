// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/parameterisation.hpp"
#include "diffode/schedule/noise_path.hpp"
#include "diffode/statistics/options.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A noise prediction and its derivatives: what statistics are measured on.
///
/// Required   `path()`                                the noise path x = alpha*x0 + sigma*eps
///            `eps(x, call, out)`                     the noise in x
///            `slope(x, call, dx, dlambda, out)`      its derivative as x moves by dx and lambda by dlambda
/// Shapes     x, dx, out: call.count samples one after another, in double
/// Models     difference_model, jvp_model
template <class M>
concept statistics_model = requires(M& m, std::span<const double> x, const statistics_call& call, std::span<double> out) {
  { m.path() } -> std::convertible_to<const noise_path&>;
  m.eps(x, call, out);
  m.slope(x, call, x, 1.0, out);
};

namespace detail {

/// d f/d lambda of something in closed form, by differences of order 4: to some 1e-12 of its size.
template <class F>
double slope_over_lambda(F f, double lambda) {
  constexpr double h = 1e-3;
  return (8 * (f(lambda + h) - f(lambda - h)) - (f(lambda + 2 * h) - f(lambda - 2 * h))) / (12 * h);
}

/// Everything between a state and what a network is shown and returns, at one level.
template <parameterisation P>
struct network_frame {
  const P& meaning;
  const noise_path& path;

  double scale(double lambda) const { return input_scale_of(meaning, path.at_lambda(lambda)); }
  double label(double lambda) const { return label_of(meaning, path.at_lambda(lambda)); }
  affine<double> eps(double lambda) const { return meaning.eps(path.at_lambda(lambda)); }
  statistics_call told(statistics_call call) const {
    call.at.label = label_of(meaning, call.at);
    return call;
  }
};

template <parameterisation P>
fault check_statistics_model(std::string_view who, const noise_path& path, const P& meaning) {
  if (const fault f = path.check()) return f;
  if constexpr (requires { meaning.check(); })
    if (const fault f = meaning.check()) return refuse(f->code(), who, ": ", f->what());
  return {};
}

}  // namespace detail

/// A network without derivatives: they are central differences of it.
///
/// net        net(x, call, out): samples one after another, elements of type T; `call.at.label` is what to tell it. Guidance,
///            thresholds, labels of samples are its own business: what it does is what is measured
/// step       of the differences, in units of the direction. Directions of one sigma are asked for
/// Error      e + r: e = step^2/6 times the third derivative along the direction, r = c/step with c the relative rounding of the
///            network, times |x|/sigma where that is above 1. Least at about the cube root of c, the default
/// Evaluations  1 for eps, 2 for a slope
template <std::floating_point T, parameterisation P, class Net>
class difference_model {
 public:
  static result<difference_model> try_make(noise_path path, P meaning, Net net, double step) {
    constexpr std::string_view who = "difference_model";
    if (!(step > 0 && step < 1)) return detail::refuse(errc::bad_model, who, ": step is ", step, ", needs a number above 0 and below 1");
    if (const fault f = detail::check_statistics_model(who, path, meaning)) return *f;
    return difference_model(std::move(path), std::move(meaning), std::move(net), step);
  }

  const noise_path& path() const { return path_; }

  void eps(std::span<const double> x, const statistics_call& call, std::span<double> out) {
    const detail::network_frame<P> frame{meaning_, path_};
    const double scale = frame.scale(call.at.lambda);
    const affine<double> c = frame.eps(call.at.lambda);
    in_.resize(x.size());
    out_.resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) in_[i] = static_cast<T>(scale * x[i]);
    net_(std::span<const T>(in_), frame.told(call), std::span<T>(out_));
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = c.cx * x[i] + c.cf * static_cast<double>(out_[i]);
  }

  void slope(std::span<const double> x, const statistics_call& call, std::span<const double> dx, double dlambda, std::span<double> out) {
    moved_.resize(x.size());
    below_.resize(x.size());
    const auto at = [&](double h, std::span<double> to) {
      for (std::size_t i = 0; i < x.size(); ++i) moved_[i] = x[i] + h * dx[i];
      statistics_call there = call;
      if (dlambda != 0) there.at = path_.at_lambda(call.at.lambda + h * dlambda);
      eps(moved_, there, to);
    };
    at(-step_, below_);
    at(step_, out);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = (out[i] - below_[i]) / (2 * step_);
  }

 private:
  difference_model(noise_path path, P meaning, Net net, double step)
      : path_(std::move(path)), meaning_(std::move(meaning)), net_(std::move(net)), step_(step) {}

  noise_path path_;
  P meaning_;
  Net net_;
  double step_;
  std::vector<T> in_, out_;
  std::vector<double> moved_, below_;
};

/// Statistics by differences: `differences<float>(path, eps_model{}, net)` for a network in single precision.
template <std::floating_point T = double, parameterisation P, class Net>
result<difference_model<T, P, Net>> try_differences(noise_path path, P meaning, Net net,
                                                    double step = std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()))) {
  return difference_model<T, P, Net>::try_make(std::move(path), std::move(meaning), std::move(net), step);
}
template <std::floating_point T = double, parameterisation P, class Net>
difference_model<T, P, Net> differences(noise_path path, P meaning, Net net,
                                        double step = std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()))) {
  return try_differences<T>(std::move(path), std::move(meaning), std::move(net), step).value();
}

/// A network with a Jacobian-vector product (forward mode).
///
/// net        net(x, call, out), as of difference_model, in double
/// jvp        jvp(x, call, dx, dlabel, out, dout): what net says, and by how much it changes as its input moves by dx and what
///            it is told by dlabel
/// Error      that of jvp; levels and labels are differentiated along lambda to some 1e-12
/// Evaluations  1 for eps, 1 of jvp for a slope
/// Needs      a path that knows lambdas 0.002 beyond those of the statistics
template <parameterisation P, class Net, class Jvp>
class jvp_model {
 public:
  static result<jvp_model> try_make(noise_path path, P meaning, Net net, Jvp jvp) {
    if (const fault f = detail::check_statistics_model("jvp_model", path, meaning)) return *f;
    return jvp_model(std::move(path), std::move(meaning), std::move(net), std::move(jvp));
  }

  const noise_path& path() const { return path_; }

  void eps(std::span<const double> x, const statistics_call& call, std::span<double> out) {
    const detail::network_frame<P> frame{meaning_, path_};
    const double scale = frame.scale(call.at.lambda);
    const affine<double> c = frame.eps(call.at.lambda);
    in_.resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) in_[i] = scale * x[i];
    net_(std::span<const double>(in_), frame.told(call), out);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = c.cx * x[i] + c.cf * out[i];
  }

  void slope(std::span<const double> x, const statistics_call& call, std::span<const double> dx, double dlambda, std::span<double> out) {
    const detail::network_frame<P> frame{meaning_, path_};
    const double lambda = call.at.lambda, scale = frame.scale(lambda);
    const affine<double> c = frame.eps(lambda);
    const auto along = [&](auto part) { return dlambda == 0 ? 0 : dlambda * detail::slope_over_lambda(part, lambda); };
    const double dscale = along([&](double l) { return frame.scale(l); }), dlabel = along([&](double l) { return frame.label(l); });
    const affine<double> dc{along([&](double l) { return frame.eps(l).cx; }), along([&](double l) { return frame.eps(l).cf; })};
    in_.resize(x.size());
    din_.resize(x.size());
    F_.resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) in_[i] = scale * x[i], din_[i] = dscale * x[i] + scale * dx[i];
    jvp_(std::span<const double>(in_), frame.told(call), std::span<const double>(din_), dlabel, std::span<double>(F_), out);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = dc.cx * x[i] + c.cx * dx[i] + dc.cf * F_[i] + c.cf * out[i];
  }

 private:
  jvp_model(noise_path path, P meaning, Net net, Jvp jvp)
      : path_(std::move(path)), meaning_(std::move(meaning)), net_(std::move(net)), jvp_(std::move(jvp)) {}

  noise_path path_;
  P meaning_;
  Net net_;
  Jvp jvp_;
  std::vector<double> in_, din_, F_;
};

/// Statistics by your own derivatives: `with_jvp(path, eps_model{}, net, jvp)`.
template <parameterisation P, class Net, class Jvp>
result<jvp_model<P, Net, Jvp>> try_with_jvp(noise_path path, P meaning, Net net, Jvp jvp) {
  return jvp_model<P, Net, Jvp>::try_make(std::move(path), std::move(meaning), std::move(net), std::move(jvp));
}
template <parameterisation P, class Net, class Jvp>
jvp_model<P, Net, Jvp> with_jvp(noise_path path, P meaning, Net net, Jvp jvp) {
  return try_with_jvp(std::move(path), std::move(meaning), std::move(net), std::move(jvp)).value();
}

}  // namespace diffode
