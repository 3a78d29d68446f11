// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/subject.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode_test {

/// One combine between two evaluations; every input is named once and matters; every output is another slot and is read
/// before it is overwritten. So memory traffic is at its floor: each live array is read once and written once.
inline void check_traffic(const diffode::plan& p) {
  using diffode::operation;
  std::vector<bool> unread(static_cast<std::size_t>(p.slots()));
  bool combined = false;
  for (const diffode::instruction& i : p.instructions()) {
    if (i.what == operation::call) {
      combined = false;
      unread[static_cast<std::size_t>(p.outputs(i)[0])] = false;
      continue;
    }
    if (i.what != operation::combine) continue;
    CHECK_FALSE(combined);
    combined = true;
    const auto in = p.inputs(i);
    const auto out = p.outputs(i);
    const auto c = p.coefficients(i);
    REQUIRE(c.size() == in.size() * out.size() * p.lanes().count);
    for (std::size_t k = 0; k < in.size(); ++k) {
      CHECK(std::count(in.begin(), in.end(), in[k]) == 1);
      bool matters = false;
      for (std::size_t n = 0; n < c.size(); ++n) matters = matters || (n / p.lanes().count % in.size() == k && c[n] != 0);
      CHECK(matters);
      if (in[k].what == diffode::operand::kind::held) unread[static_cast<std::size_t>(in[k].index)] = false;
    }
    for (const diffode::slot s : out) {
      CHECK(std::count(out.begin(), out.end(), s) == 1);
      CHECK((s >= 0 && s < p.slots()));
      CHECK_FALSE(unread[static_cast<std::size_t>(s)]);
      unread[static_cast<std::size_t>(s)] = true;
    }
    for (const double v : c) CHECK(std::isfinite(v));
  }
  // At the end nothing but the sample is left, and the partner where there is one.
  for (std::size_t s = 0; s < unread.size(); ++s) CHECK(unread[s] == (s == 0 || (s == 1 && p.paired())));
}

/// 1 where the run combines something before its first evaluation, which only noise on the start can be a reason for.
inline int first_kernels(const diffode::plan& p) {
  const bool early = p.instructions().front().what == diffode::operation::combine;
  CHECK((!early || p.uses_noise()));
  return early ? 1 : 0;
}

inline void check_plan(const subject& s) {
  for (const family& f : families())
    for (const told what : every_told)
      for (const int n : {1, 2, 10}) {
        INFO(s.name() << " on " << f.name << " with " << name(what) << ", " << n << " steps");
        const diffode::plan p = s.on(f.uniform(n), what);
        CHECK(p.kernels() == p.calls() + first_kernels(p));
        CHECK(p.filters() == 0);
        CHECK(p.steps() == n);
        CHECK(p.calls() >= n);
        CHECK(p.noises() <= p.kernels());
        check_traffic(p);
        for (int k = 0; k < p.calls(); ++k) CHECK((k + 1 == p.calls() || p.call(k).step != p.call(k + 1).step) == p.call(k).last_of_step);
      }
}

/// The same method on the same grid makes the same plan, and on another grid another one.
inline void check_fingerprint(const subject& s) {
  const family f = families()[0];
  INFO(s.name());
  const std::uint64_t once = s.on(f.uniform(5), told::v).fingerprint();
  CHECK(once == s.on(f.uniform(5), told::v).fingerprint());
  CHECK(once != s.on(f.uniform(6), told::v).fingerprint());
  CHECK(once != s.on(f.graded(5), told::v).fingerprint());
  CHECK(once != s.on(f.uniform(5), told::eps).fingerprint());
}

}  // namespace diffode_test
