// SPDX-License-Identifier: MIT
#include "schedules.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace goldens {

namespace {

/// A table told in the times of dpm-solver: entry i of N is at t = (i + 1)/N.
struct unit_time {
  diffode::discrete table;

  static constexpr std::string_view name = "discrete in unit time";

  diffode::level<> at(double t) const { return retimed(table.at(t * length() - 1), t); }
  diffode::level<> at_lambda(double lambda) const {
    const diffode::level<> l = table.at_lambda(lambda);
    return retimed(l, (l.t + 1) / length());
  }
  diffode::time_range range() const {
    const diffode::time_range r = table.range();
    return {(r.clean + 1) / length(), (r.noisy + 1) / length()};
  }
  diffode::fault check() const { return table.check(); }

 private:
  double length() const { return static_cast<double>(table.log_alpha.size()); }
  static diffode::level<> retimed(diffode::level<> l, double t) {
    l.t = l.label = t;
    return l;
  }
};

/// ln(1 + sigma^2) = slope t^2/2 + start t. As vp_linear, but fitted to two sigmas, which may take a start below 0:
/// then sigma only rises from some time on that is below `clean`.
struct fitted {
  double slope, start, clean;

  static constexpr std::string_view name = "fitted";

  diffode::level<> at(double t) const {
    return diffode::make_level(t, 1, std::sqrt(std::expm1((slope / 2 * t + start) * t)));
  }
  diffode::level<> at_lambda(double lambda) const {
    const double log_growth = std::log1p(std::exp(-2 * lambda));
    const double t = (std::sqrt(start * start + 2 * slope * log_growth) - start) / slope;
    return diffode::make_level(t, 1, std::exp(-lambda));
  }
  diffode::time_range range() const { return {clean, 1}; }
  diffode::fault check() const { return {}; }
};

}  // namespace

diffode::beta_rule read_beta_rule(const std::string& where, const std::string& name) {
  using diffode::beta_rule;
  static const std::map<std::string_view, beta_rule> rules = {
      {"linear", beta_rule::linear},   {"scaled_linear", beta_rule::scaled_linear},
      {"sigmoid", beta_rule::sigmoid}, {"squaredcos_cap_v2", beta_rule::squaredcos_cap_v2},
      {"exp", beta_rule::exp},         {"laplace", beta_rule::laplace}};
  const auto found = rules.find(name);
  if (found == rules.end()) throw wrong_case(where + " is " + name + ", needs the name of a beta schedule");
  return found->second;
}

diffode::discrete read_betas(fields from, diffode::interpolation between) {
  diffode::beta_options o;
  o.rule = read_beta_rule(from.name("kind"), from.text("kind"));
  o.count = from.integer("n", o.count);
  o.first = from.number("beta_start", o.first);
  o.last = from.number("beta_end", o.last);
  from.done();
  return diffode::discrete_from(o, between);
}

timed_schedule read_schedule(fields from, double first, double last, bool shortens) {
  const std::string type = from.text("type");
  if (type == "vp_linear") {
    const diffode::vp_linear path{from.number("beta_0", 0.1), from.number("beta_1", 20)};
    from.done();
    return {path};
  }
  if (type == "vp_discrete") {
    diffode::discrete table = read_betas(from.object("betas"), diffode::interpolation::log_alpha);
    from.done();
    if (shortens) table = diffode::clipped(std::move(table));
    const int length = static_cast<int>(table.log_alpha.size());
    return {unit_time{std::move(table)}, length};
  }
  from.done();
  if (type == "vp_cosine") return {diffode::vp_cosine{}};
  if (type == "vp_cosine_deis") return {diffode::vp_cosine{.normalised = false}};
  if (type == "edm") return {diffode::edm{.sigma_min = std::min(first, last), .sigma_max = std::max(first, last)}};
  throw wrong_case(from.name("type") + " is " + type +
                   ", needs vp_linear, vp_discrete, vp_cosine, vp_cosine_deis or edm");
}

diffode::noise_path vp_through(double sigma_min, double sigma_max, double epsilon) {
  const double low = std::log1p(sigma_min * sigma_min), high = std::log1p(sigma_max * sigma_max);
  const double slope = 2 * (low / epsilon - high) / (epsilon - 1);
  return fitted{slope, high - slope / 2, epsilon};
}

std::vector<double> rhos(const diffode::grid& levels, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(diffode::rho(levels[i]));
  return all;
}

}  // namespace goldens
