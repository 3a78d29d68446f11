// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/probe.hpp"
#include "diffode/method.hpp"
#include "reference/ddim.hpp"
#include "reference/dpm_solver.hpp"
#include "reference/euler.hpp"
#include "reference/unipc.hpp"

using namespace diffode_test;

namespace {

/// Every coefficient of every run agrees with the textbook loop.
void check_probe(const subject& s, const diffode_reference::loop& loop) {
  for (const family& f : families())
    for (const told what : every_told)
      for (const int n : {1, 2, 3, 5, 10})
        for (const bool to_zero : {false, true}) {
          if (to_zero && s.target == diffode::prediction::eps) continue;
          const diffode::grid g = to_zero ? f.uniform_to_zero(n) : f.uniform(n);
          const diffode::plan made = s.on(g, what);
          const std::vector<diffode::level<>> levels(g.begin(), g.end());
          const std::vector<double> ours = probe(made), theirs = probe(loop, levels, what, s.target, static_cast<std::size_t>(made.calls()));
          double off = 0, size = 1;
          for (std::size_t i = 0; i < ours.size(); ++i) {
            off = std::fmax(off, std::abs(ours[i] - theirs[i]));
            size = std::fmax(size, std::abs(theirs[i]));
          }
          INFO(s.name() << " on " << f.name << " with " << name(what) << ", " << n << " steps: off by " << off << " of " << size);
          // Some ten roundings per step, of numbers up to the largest coefficient (the conversion of eps divides by
          // alpha); the loops' own (phi - 1/2)/h cancels two digits at h = 0.5.
          CHECK(off <= 1e-14 * std::fmax(100 * size, made.largest_coefficient()));
        }
}

}  // namespace

TEST_CASE("ddim has the coefficients of its paper") { check_probe(subject_of(diffode::ddim{}), diffode_reference::ddim); }
TEST_CASE("euler has the coefficients of its paper") { check_probe(subject_of(diffode::euler{}), diffode_reference::euler); }
TEST_CASE("heun has the coefficients of its paper") { check_probe(subject_of(diffode::heun{}), diffode_reference::heun); }
TEST_CASE("heun in time has the coefficients of the trapezoidal rule on the straight path") {
  check_probe(subject_of(diffode::heun{.along = diffode::axis::time}), diffode_reference::heun_in_flow_time);
}
TEST_CASE("dpmpp_2m has the coefficients of its paper") { check_probe(subject_of(diffode::dpmpp_2m{}), diffode_reference::dpmpp_2m); }
TEST_CASE("dpmpp_2m in noise form has the coefficients of DPM-Solver-2M") {
  check_probe(subject_of(diffode::dpmpp_2m{.target = diffode::prediction::eps}), diffode_reference::dpm_2m);
}
TEST_CASE("dpmpp_3m as published has the coefficients of its authors' code") {
  check_probe(subject_of(diffode::dpmpp_3m{.weights = diffode::curvature::published}), diffode_reference::dpmpp_3m_published);
}
TEST_CASE("unipc has the coefficients of its paper, where the corrector starts again from the state before the step") {
  check_probe(subject_of(diffode::unipc{}), diffode_reference::unipc_2_bh2);
}

TEST_CASE("the probe sees a wrong method") {
  const family f = families()[0];
  const diffode::grid g = f.uniform(5);
  const std::vector<diffode::level<>> levels(g.begin(), g.end());
  const std::vector<double> ours = probe(subject_of(diffode::dpmpp_2m{.form = diffode::slope::heun}).on(g, told::eps));
  const std::vector<double> theirs = probe(diffode_reference::dpmpp_2m, levels, told::eps, diffode::prediction::x0, 5);
  double off = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) off = std::fmax(off, std::abs(ours[i] - theirs[i]));
  CHECK(off > 1e-3);
}
