// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/sde_dpmpp.hpp"
#include "diffode/model.hpp"
#include "diffode/noise/recorded_noise.hpp"
#include "diffode/run/sampler.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

/// The same numbers, but asked for one block at a time.
template <class E>
struct poured {
  dd::recorded_noise<E> from;
  template <class U>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first, std::span<U> out) const {
    from.fill(sample, stream, first, out);
  }
};

template <class T, class Noise, class History>
std::vector<T> result(const dd::shared_plan& plan, const Noise& noise) {
  std::vector<T> x(600, T(1.5F)), out(x.size());
  dd::sampler<T, Noise, dd::no_filter, dd::cpu, History> run(plan, x, {.batch = 3}, noise);
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = T(0.3F * static_cast<float>(call->x[i]) + 0.001F * static_cast<float>(i));
    run.feed(out);
  }
  return x;
}

/// Noise of element type E for a state of T gives the same bits from memory and poured.
template <class T, class E, class History = T>
void check() {
  const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 6});
  const dd::shared_plan plan = dd::compile(dd::sde_dpmpp{}, g, dd::eps_model{}, {.own_state = true});
  std::vector<double> z(600 * static_cast<std::size_t>(plan->noises()));
  dd::philox{.seed = 5}.fill(0, 0, 0, std::span<double>(z));
  std::vector<E> values;
  for (const double v : z) values.push_back(E(v));
  const dd::recorded_noise<E> there{values, 200, 3};
  const std::vector<T> a = result<T, dd::recorded_noise<E>, History>(plan, there), b = result<T, poured<E>, History>(plan, poured<E>{there});
  CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
  CHECK(static_cast<float>(a[0]) == static_cast<float>(a[0]));
}

}  // namespace

TEST_CASE("noise that lies in memory gives the same bits read where it lies as poured into the kernel") {
  check<float, float>();
  check<double, double>();
  check<float, double>();
  check<double, float>();
  check<dd::bfloat16, dd::bfloat16>();
  check<dd::bfloat16, float>();
  check<dd::bfloat16, float, float>();
  check<dd::float16, dd::bfloat16, float>();
}
