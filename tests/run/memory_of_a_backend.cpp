// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/reversible.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#if __has_include(<sys/mman.h>)
#include "run/far_memory.hpp"

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 12, page = far_memory::page;

template <class Sampler>
void answer_all(Sampler& s, const far& on, const far_memory& memory, int calls) {
  double* const answer = reinterpret_cast<double*>(static_cast<std::byte*>(memory.at()) + page);
  for (; calls > 0 && s.next(); --calls) {
    const auto call = s.next();
    std::vector<double> x(size), out(size);
    on.copy(x.data(), call->x.data(), size * sizeof(double));
    for (std::size_t i = 0; i < size; ++i) out[i] = 0.3 * x[i] + call->at.sigma;
    on.copy(answer, out.data(), size * sizeof(double));
    s.feed(std::span<const double>(answer, size));
  }
}

void check_run(const dd::shared_plan& p) {
  const far_memory memory(8 * page);
  int prepared = 0;
  const far on{&memory, &prepared};
  std::vector<double> x(size), near_x, got(size);
  dd::philox{.seed = 3}.fill(0, 0, 0, std::span(x));
  near_x = x;
  on.copy(memory.at(), x.data(), size * sizeof(double));
  const std::span<double> state(static_cast<double*>(memory.at()), size);

  dd::sampler near_run(p, near_x, {.batch = 3}, dd::philox{.seed = 5});
  while (const auto call = near_run.next()) {
    std::vector<double> out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = 0.3 * call->x[i] + call->at.sigma;
    near_run.feed(out);
  }
  dd::sampler run(p, state, {.batch = 3}, dd::philox{.seed = 5}, dd::no_filter{}, far(on));
  CHECK(prepared == 1);
  answer_all(run, on, memory, 3);
  const auto saved = run.save();
  answer_all(run, on, memory, 1000);
  const auto end = [&] {
    on.copy(got.data(), state.data(), size * sizeof(double));
    return got;
  };
  CHECK(run.finished());
  CHECK(end() == near_x);
  run.restore(saved);
  answer_all(run, on, memory, 1000);
  CHECK(end() == near_x);
  on.copy(state.data(), x.data(), size * sizeof(double));
  run.restart();
  answer_all(run, on, memory, 1000);
  CHECK(end() == near_x);
}

}  // namespace

TEST_CASE("a run leaves arrays to a backend with memory of its own: it never touches an element") {
  const dd::grid levels = families()[0].uniform(6);
  check_run(dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{}));
  check_run(dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{}, {.own_input = true, .own_state = true}));
  check_run(dd::compile(dd::reversible<dd::ddim>{}, levels, dd::v_model{}));
}

TEST_CASE("memory that a backend can not give is its own refusal") {
  const far_memory memory(8 * page);
  int prepared = 0;
  const dd::shared_plan p = dd::compile(dd::unipc{.p = 3}, families()[0].uniform(6), dd::v_model{});
  const std::span<double> state(static_cast<double*>(memory.at()), 3 * page);
  const auto made = dd::sampler<double, dd::philox, dd::no_filter, far>::try_make(p, state, {}, {}, {}, far{&memory, &prepared});
  REQUIRE_FALSE(made);
  CHECK(std::string_view(made.reason()->what()) == "far: not so much");
}

#endif
