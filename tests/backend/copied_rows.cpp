// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/noise/philox.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t size = 9001;

std::vector<float> numbers(std::uint64_t seed) {
  std::vector<float> x(size);
  dd::philox{.seed = seed}.fill(0, 0, 0, std::span<float>(x));
  return x;
}

/// Three arrays, combined with these coefficients; which array each row goes to is said by `to`.
template <class Backend>
std::vector<std::vector<float>> after(const Backend& on, const std::vector<double>& c, const std::vector<std::size_t>& to) {
  std::vector<std::vector<float>> a{numbers(1), numbers(2), numbers(3), std::vector<float>(size)};
  std::vector<dd::source> in;
  for (std::size_t k = 0; k < 3; ++k) in.push_back({a[k].data(), dd::element::f32, false, 0});
  std::vector<dd::sink> out;
  for (const std::size_t k : to) out.push_back({a[k].data(), dd::element::f32});
  on.combine(dd::combination<float>{out, in, c, {}, size, size}, dd::philox{});
  return a;
}

void check(const std::vector<double>& c, const std::vector<std::size_t>& to) {
  const auto want = after(dd::reference{}, c, to);
  const auto got = after(dd::cpu(), c, to);
  for (std::size_t k = 0; k < want.size(); ++k) {
    double worst = 0;
    for (std::size_t i = 0; i < size; ++i) worst = std::fmax(worst, std::fabs(static_cast<double>(want[k][i]) - static_cast<double>(got[k][i])));
    INFO("array " << k);
    CHECK(worst < 4e-6);
  }
  dd::thread_pool pool(3);
  CHECK(after(dd::basic_cpu(pool, {.grain = 1024}), c, to) == got);
}

}  // namespace

TEST_CASE("a row that is an input is copied before or after nothing that it depends on") {
  check({0.5, 0.3, -0.2, 0, 1, 0}, {0, 2});           // the model's output over the oldest prediction, which row 0 reads
  check({0.5, 0.3, -0.2, 1, 0, 0}, {0, 2});           // the state from before it is overwritten: no copy, a row like others
  check({0, 1, 0, 0, 0, 1}, {3, 0});                  // copies alone
  check({0, 1, 0, 0.2, 0, 0.1}, {1, 3});              // an array onto itself
  check({0, 1, 0, 1, 0, 0}, {0, 1});                  // two arrays change places
  check({0, 1, 0, 0, 1, 0, 0.1, 0.2, 0.3}, {3, 2, 0});  // one input twice
}

TEST_CASE("a copied row has the bits of its input") {
  std::vector<float> F{-0.0F, 1, 2}, x{1, 2, 3}, e(3);
  const dd::source in[] = {{x.data(), dd::element::f32, false, 0}, {F.data(), dd::element::f32, false, 0}};
  const dd::sink out[] = {{x.data(), dd::element::f32}, {e.data(), dd::element::f32}};
  const double c[] = {0.5, 0.5, 0, 1};
  dd::cpu().combine(dd::combination<float>{out, in, c, {}, 3, 3}, dd::philox{});
  CHECK(std::signbit(e[0]));
  CHECK(e == F);
  CHECK(x == std::vector<float>{0.5F, 1.5F, 2.5F});
}
