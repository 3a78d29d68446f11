// SPDX-License-Identifier: MIT
//
// A run of time shift that shifts nothing is the plain run: steps that are planned one by one hand on what a plan of the whole
// run keeps.
#include "diffode/run/time_shift.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/method.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/run/start.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t dimension = 5, samples = 2;

struct runs {
  std::vector<double> whole, stepwise;
  int whole_slots = 0, calls = 0;
  std::size_t stepwise_bytes = 0;
};

template <class M>
runs both(const M& how, const family& f, told what) {
  const dd::grid g = f.uniform(7);
  const dd::model_form<told_model> form{{what}};
  runs all;
  all.whole.resize(samples * dimension);
  dd::fill_with_noise(all.whole, g.front(), dd::philox{.seed = 7}, samples);
  all.stepwise = all.whole;
  const dd::shared_plan made = dd::compile(how, g, form);
  all.whole = run<double>(made, all.whole, sample_truth<double>(what, dimension), samples, {.seed = 11});
  all.whole_slots = made->slots();
  const answer_to<double> net = sample_truth<double>(what, dimension);
  std::vector<double> out(all.stepwise.size());
  dd::time_shift_sampler s(how, dd::time_shift(g, {}), form, all.stepwise, {.batch = samples}, dd::philox{.seed = 11});
  for (; const auto call = s.next(); ++all.calls) {
    net(*call, out);
    s.feed(out);
  }
  CHECK(s.finished());
  CHECK(all.calls == made->calls());
  all.stepwise_bytes = decltype(s)::bytes(how, dd::time_shift(g, {}), form, dimension);
  return all;
}

/// To the last bit where the model is asked on the state and on stages alone: then every array holds the same sums.
template <class M>
void check_bits(const M& how) {
  for (const family& f : families())
    for (const told what : every_told) {
      const runs all = both(how, f, what);
      INFO(how.name << " on " << f.name << " with " << name(what));
      CHECK(all.whole == all.stepwise);
      CHECK(all.stepwise_bytes <= static_cast<std::size_t>(all.whole_slots) * dimension * sizeof(double));  // one array more at the most
    }
}

template <class M>
void check_numbers(const M& how) {
  if constexpr (!requires { requires M::paired; })
    for (const family& f : families()) {
      const runs all = both(how, f, told::v);
      INFO(how.name << " on " << f.name);
      // Where a sum crosses the end of a step, it is rounded there once more.
      for (std::size_t i = 0; i < all.whole.size(); ++i) CHECK(std::abs(all.whole[i] - all.stepwise[i]) <= 1e-12 * (1 + std::abs(all.whole[i])));
    }
}

}  // namespace

TEST_CASE("without a window, multistep runs are the plain runs bit by bit, and in no more memory than one array") {
  check_bits(dd::ddim{});
  check_bits(dd::ddpm{});
  check_bits(dd::dpmpp_2m{});
  check_bits(dd::dpmpp_3m{.target = dd::prediction::eps});
  check_bits(dd::unipc{.p = 3});
  check_bits(dd::pndm{});
  check_bits(dd::singlestep{.p = 3});
  check_bits(dd::dual_fast<dd::unipc>{});
}

TEST_CASE("without a window, runs of every method are the plain runs") {
  []<class... M>(dd::type_list<M...>) { (check_numbers(M{}), ...); }(dd::all_methods{});
}
