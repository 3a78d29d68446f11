// SPDX-License-Identifier: MIT
#include "schedules.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace goldens {

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
    return {diffode::unit_time{std::move(table)}, length};
  }
  from.done();
  if (type == "vp_cosine") return {diffode::vp_cosine{}};
  if (type == "vp_cosine_deis") return {diffode::vp_cosine{.normalised = false}};
  if (type == "edm") return {diffode::edm{.sigma_min = std::min(first, last), .sigma_max = std::max(first, last)}};
  throw wrong_case(from.name("type") + " is " + type +
                   ", needs vp_linear, vp_discrete, vp_cosine, vp_cosine_deis or edm");
}

std::vector<double> rhos(const diffode::grid& levels, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(diffode::rho(levels[i]));
  return all;
}

}  // namespace goldens
