// SPDX-License-Identifier: MIT
#include "backend/table_on_host.hpp"
#include "conformance/bitwise.hpp"

using namespace diffode_test;

namespace {

/// A run of any method from its table, by the code of a CUDA thread, ends with the bits of a sampler on the processor.
void check_table(const subject& s, const family& f, told what) {
  INFO(s.name() << ", " << f.name);
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan p = s.on(g, what, {.own_input = true});
  const diffode::philox noise{.seed = 11};
  std::vector<float> x = start<float>(g), from_table = x;
  diffode::sampler<float> run(p, x, {.batch = batch}, noise);
  std::vector<float> out(x.size());
  const auto model = [](std::span<const float> in, float label, std::span<float> to) {
    for (std::size_t i = 0; i < in.size(); ++i) to[i] = 0.3F * in[i] + label / 64;
  };
  while (const auto call = run.next()) {
    model(call->x, static_cast<float>(call->label), out);
    run.feed(out);
  }
  run_table(p, from_table, batch, noise, [&](std::span<const float> in, std::span<const float> labels, std::size_t, std::span<float> to) { model(in, labels[0], to); });
  CHECK(same_bits(from_table, x));
}

}  // namespace

TEST_CASE("every method runs from a table as a CUDA graph runs it, bit for bit as on the processor") {
  const auto all = families();
  std::size_t n = 0;
  for (const subject& s : all_subjects()) check_table(s, all[n++ % 3], told::v);
}
