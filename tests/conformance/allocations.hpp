// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/subject.hpp"
#include "diffode/run/sampler.hpp"

#include <atomic>
#include <cstddef>
#include <vector>

namespace diffode_test {

/// How often operator new was called in this program, and for how many bytes: defined where the program counts it.
extern std::atomic<long> allocations, allocated_bytes;

/// Between any two evaluations after the first step, nothing is allocated; nor on restart.
template <class T>
void check_allocations(const subject& s) {
  for (const family& f : families()) {
    const diffode::shared_plan made = s.on(f.uniform(8), told::v);
    std::vector<T> x(30, T(0.5)), out(x.size());
    diffode::sampler<T> running(made, x, {.batch = 3}, diffode::philox{.seed = 1});
    const auto step = [&] {
      const auto call = running.next();
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = call->x[i] / 2;
      running.feed(out);
    };
    while (running.next()->step == 0 && running.next()->index < 7) step();
    const long before = allocations;
    while (running.next()) step();
    running.restart();
    while (running.next()) step();
    const long after = allocations;
    INFO(s.name() << " on " << f.name);
    CHECK(after - before == 0);
  }
}

}  // namespace diffode_test
