// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/bitwise.hpp"
#include "conformance/plans.hpp"

#include <algorithm>
#include <cstddef>

namespace diffode_test {

/// The input slot is written before every evaluation, read by it, and by nothing else.
inline void check_input_slot(const diffode::plan& p) {
  using diffode::operation;
  const diffode::slot input = p.input_slot();
  REQUIRE(input > 0);
  CHECK(p.role(input) == diffode::slot_role::input);
  bool written = false;
  for (const diffode::instruction& i : p.instructions()) {
    const auto out = p.outputs(i);
    const bool named = std::count(out.begin(), out.end(), input) == 1;
    if (i.what == operation::call) {
      CHECK(named);
      CHECK(written);
      written = false;
    } else if (i.what == operation::combine) {
      CHECK_FALSE((named && written));
      written = written || named;
    } else CHECK_FALSE(named);
    for (const diffode::operand& o : p.inputs(i)) CHECK_FALSE((o.what == diffode::operand::kind::held && o.index == input));
  }
  CHECK_FALSE(written);
}

inline diffode::compile_options own_input(diffode::compile_options o = {}) {
  o.own_input = true;
  return o;
}

/// One kernel more and one array more at the most; and the same bits, whoever else looks on.
inline void check_own_input(const subject& s) {
  for (const family& f : families())
    for (const told what : every_told) {
      const diffode::grid g = f.uniform(6);
      INFO(s.name() << " on " << f.name << " with " << name(what));
      const diffode::shared_plan shared = s.on(g, what), own = s.on(g, what, own_input());
      CHECK(shared->input_slot() == -1);
      CHECK(own->kernels() == own->calls() + 1);
      CHECK(own->calls() == shared->calls());
      CHECK(own->slots() <= shared->slots() + 1);
      CHECK(own->fingerprint() != shared->fingerprint());
      check_traffic(*own);
      check_input_slot(*own);
      const diffode::compile_options watched{.watch_state = true, .watch_predicted = true, .watch_denoised = true};
      const diffode::shared_plan seen = s.on(g, what, watched), own_seen = s.on(g, what, own_input(watched));
      check_input_slot(*own_seen);
      const diffode::philox noise{.seed = 11};
      const answer_to<float> net = sample_truth<float>(what, dimension);
      const std::vector<float> sample = run<float>(shared, start<float>(g), net, batch, noise);
      for (const diffode::shared_plan& other : {own, seen, own_seen}) CHECK(same_bits(sample, run<float>(other, start<float>(g), net, batch, noise)));
    }
}

/// With own_state the model reads no history, the caller's array holds nothing but states, and the bits are the same.
inline void check_own_state(const subject& s) {
  for (const family& f : families()) {
    const diffode::grid g = f.uniform(6);
    INFO(s.name() << " on " << f.name);
    const diffode::shared_plan shared = s.on(g, told::v), own = s.on(g, told::v, {.own_state = true});
    CHECK(own->own_state());
    CHECK_FALSE(shared->own_state());
    CHECK(own->slots() <= shared->slots() + 1);
    check_traffic(*own);
    for (const diffode::instruction& i : own->instructions())
      if (i.what == diffode::operation::call) CHECK(own->role(own->outputs(i)[0]) != diffode::slot_role::history);
    if (own->input_slot() < 0) CHECK(own->kernels() == shared->kernels());
    else check_input_slot(*own);
    const diffode::philox noise{.seed = 11};
    const answer_to<float> net = sample_truth<float>(told::v, dimension);
    CHECK(same_bits(run<float>(shared, start<float>(g), net, batch, noise), run<float>(own, start<float>(g), net, batch, noise)));
  }
}

/// Slot 0 is the state's: written once in a step, so with no history in between. Left out are methods that remember states,
/// whose next state finds slot 0 taken, and those that move the state before they step.
inline void check_state_slot(const subject& s) {
  if (s.method == "unic" || s.method == "warm_start" || s.method == "singlestep_chained" || s.method == "churn" || s.method == "reversible") return;
  for (const family& f : families())
    for (const bool own : {false, true}) {
      INFO(s.name() << " on " << f.name << (own ? ", own input" : ""));
      const diffode::plan p = s.on(f.uniform(10), told::v, {.own_input = own});
      int writes = 0;
      for (const diffode::instruction& i : p.instructions())
        if (i.what == diffode::operation::combine)
          for (const diffode::slot to : p.outputs(i)) writes += to == 0;
      CHECK(writes == 10);
      CHECK(p.role(0) == diffode::slot_role::state);
      for (diffode::slot k = 1; k < p.slots(); ++k) CHECK(p.role(k) == (k == p.input_slot() ? diffode::slot_role::input : diffode::slot_role::history));
    }
}

}  // namespace diffode_test
