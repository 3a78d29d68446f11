// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method/dpm2.hpp"
#include "diffode/method/exponential_rk.hpp"
#include "diffode/method/res_multistep.hpp"
#include "diffode/method/seeds.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/method/singlestep_chained.hpp"

#include <string>
#include <vector>

namespace diffode_test {

template <>
inline void add_variants<diffode::singlestep>(std::vector<subject>& all) {
  using enum diffode::slope;
  const auto noise = diffode::prediction::eps;
  all.push_back(subject_of(diffode::singlestep{.form = heun}, "slope::heun"));
  all.push_back(subject_of(diffode::singlestep{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::singlestep{.form = heun, .target = noise, .r1 = {1}}, "slope::heun, target eps, r1 = 1"));
  for (const diffode::slope form : {midpoint, heun}) {
    const std::string options = form == heun ? "p = 3, slope::heun" : "p = 3";
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form}, options));
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form, .target = noise}, options + ", target eps"));
    all.push_back(subject_of(diffode::singlestep{.p = 3, .form = form, .r1 = {0.5}, .r2 = {0.9}}, options + ", r1 = 0.5, r2 = 0.9"));
  }
  all.push_back(subject_of(diffode::singlestep{.p = 1}, "p = 1"));
}

template <>
inline void add_variants<diffode::singlestep_chained>(std::vector<subject>& all) {
  using enum diffode::slope;
  const auto noise = diffode::prediction::eps;
  all.push_back(subject_of(diffode::singlestep_chained{.form = heun}, "slope::heun"));
  all.push_back(subject_of(diffode::singlestep_chained{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::singlestep_chained{.p = 3}, "p = 3"));
  all.push_back(subject_of(diffode::singlestep_chained{.p = 3, .form = heun}, "p = 3, slope::heun"));
  all.push_back(subject_of(diffode::singlestep_chained{.p = 3, .form = heun, .target = noise}, "p = 3, slope::heun, target eps"));
  all.push_back(subject_of(diffode::singlestep_chained{.eta = 1}, "eta = 1"));
  all.push_back(subject_of(diffode::singlestep_chained{.eta = 0.5}, "eta = 0.5"));
  all.push_back(subject_of(diffode::singlestep_chained{.eta = 1, .redrawn = true}, "eta = 1, redrawn (legacy)"));
  all.push_back(subject_of(diffode::singlestep_chained{.p = 3, .form = heun, .eta = 1}, "p = 3, slope::heun, eta = 1"));
}

template <>
inline void add_variants<diffode::dpm2>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::dpm2{.along = diffode::axis::time}, "axis::time"));
  all.push_back(subject_of(diffode::dpm2{.r = 0.7}, "r = 0.7"));
  all.push_back(subject_of(diffode::dpm2{.along = diffode::axis::time, .r = 0.3}, "axis::time, r = 0.3"));
}

template <>
inline void add_variants<diffode::seeds>(std::vector<subject>& all) {
  using enum diffode::slope;
  for (const int p : {1, 3}) all.push_back(subject_of(diffode::seeds{.p = p}, "p = " + std::to_string(p)));
  all.push_back(subject_of(diffode::seeds{.p = 3, .eta = 0.5, .form = heun}, "p = 3, eta = 0.5, slope::heun"));
  all.push_back(subject_of(diffode::seeds{.eta = 0}, "eta = 0"));
  all.push_back(subject_of(diffode::seeds{.p = 3, .eta = 0, .target = diffode::prediction::eps}, "p = 3, eta = 0, target eps"));
}

template <>
inline void add_variants<diffode::exponential_rk>(std::vector<subject>& all) {
  const struct {
    diffode::exponential_tableau table;
    const char* name;
  } tables[] = {{diffode::etd2rk(), "etd2rk"}, {diffode::etd3rk(), "etd3rk"}, {diffode::stiff_3(0.5), "stiff_3(0.5)"},
                {diffode::cox_matthews_4(), "cox_matthews_4"}, {diffode::krogstad_4(), "krogstad_4"},
                {diffode::strehmel_weiner_4(), "strehmel_weiner_4"}};
  for (const auto& t : tables) all.push_back(subject_of(diffode::exponential_rk{.table = t.table}, t.name));
  const auto noise = diffode::prediction::eps;
  all.push_back(subject_of(diffode::exponential_rk{.target = noise}, "target eps"));
  all.push_back(subject_of(diffode::exponential_rk{.table = diffode::krogstad_4(), .target = noise}, "krogstad_4, target eps"));
}

template <>
inline void add_variants<diffode::res_multistep>(std::vector<subject>& all) {
  all.push_back(subject_of(diffode::res_multistep{.eta = 1}, "eta = 1"));
  all.push_back(subject_of(diffode::res_multistep{.eta = 0.5}, "eta = 0.5"));
}

}  // namespace diffode_test
