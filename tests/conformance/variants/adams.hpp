// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <string>
#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::lms>(std::vector<subject>& all) {
  for (const int p : {1, 2, 3, 5}) all.push_back(subject_of(diffode::lms{.p = p}, "p = " + std::to_string(p)));
  for (const int p : {2, 3, 4}) all.push_back(subject_of(diffode::lms{.p = p, .along = diffode::axis::time}, "p = " + std::to_string(p) + ", axis::time"));
  all.push_back(subject_of(diffode::lms{.shifted = true}, "shifted (legacy)"));
}

template <>
inline void add_variants<diffode::ipndm>(std::vector<subject>& all) {
  using enum diffode::adams;
  for (const int p : {2, 3}) all.push_back(subject_of(diffode::ipndm{.p = p}, "p = " + std::to_string(p)));
  all.push_back(subject_of(diffode::ipndm{.along = diffode::axis::time}, "axis::time"));
  // Not p = 4, whose weights do not keep a constant slope.
  for (const int p : {2, 3}) all.push_back(subject_of(diffode::ipndm{.p = p, .weights = ipndm_v}, "p = " + std::to_string(p) + ", ipndm_v (legacy)"));
}

template <>
inline void add_variants<diffode::deis>(std::vector<subject>& all) {
  using enum diffode::deis_in;
  for (const int q : {0, 1, 2}) all.push_back(subject_of(diffode::deis{.q = q}, "q = " + std::to_string(q)));
  all.push_back(subject_of(diffode::deis{.in = rho}, "rho"));
  for (const int q : {1, 2, 3}) all.push_back(subject_of(diffode::deis{.q = q, .in = log_rho}, "q = " + std::to_string(q) + ", log_rho"));
  all.push_back(subject_of(diffode::deis{.q = 2, .in = log_rho, .ends = diffode::ramp::diffusers()}, "q = 2, log_rho, ramp::diffusers"));
}

template <>
inline void add_variants<diffode::rk>(std::vector<subject>& all) {
  using tableau = diffode::butcher_tableau;
  const struct {
    tableau how;
    const char* name;
  } others[] = {{tableau::euler(), "euler"}, {tableau::heun2(), "heun2"}, {tableau::midpoint(), "midpoint"}, {tableau::kutta3(), "kutta3"},
                {tableau::ralston3(), "ralston3"}, {tableau::heun3(), "heun3"}, {tableau::houwen3(), "houwen3"}, {tableau::ssp3(), "ssp3"},
                {tableau::bogacki_shampine(), "bogacki_shampine"}, {tableau::cash_karp(), "cash_karp"},
                {tableau::dormand_prince(), "dormand_prince"}};
  for (const auto& o : others) all.push_back(subject_of(diffode::rk{.how = o.how}, o.name));
  // Not dormand_prince along time: 160 steps leave errors of 1e-13, too little to measure an order by.
  for (const auto& o : others)
    if (o.how.order > 1 && o.how.stages() < 7) all.push_back(subject_of(diffode::rk{.how = o.how, .along = diffode::axis::time}, std::string(o.name) + ", axis::time"));
  all.push_back(subject_of(diffode::rk{.how = tableau::dormand_prince(), .estimate = true}, "dormand_prince, estimate"));
}

template <>
inline void add_variants<diffode::pndm>(std::vector<subject>& all) {
  using enum diffode::pndm_start;
  all.push_back(subject_of(diffode::pndm{.start = runge_kutta}, "runge_kutta"));
  all.push_back(subject_of(diffode::pndm{.weights = diffode::adams::exact}, "exact"));
  all.push_back(subject_of(diffode::pndm{.start = runge_kutta, .weights = diffode::adams::exact}, "runge_kutta, exact"));
}

template <>
inline void add_variants<diffode::gradient_estimation>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::gradient_estimation{.along = diffode::axis::time}, "axis::time"));
  all.push_back(subject_of(diffode::gradient_estimation{.gamma = 1.5, .euler_to_zero = true}, "gamma = 3/2, euler_to_zero"));
}

}  // namespace diffode_test
