// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

/// Noise that is no noise: each number tells its own address.
struct address {
  template <class T>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first, std::span<T> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(1 + stream * 1e6 + sample * 1e4 + static_cast<double>(first + i));
  }
};
static_assert(dd::noise_source<address, float>);

const dd::grid levels = diffode_test::families()[2].uniform(3);

}  // namespace

TEST_CASE("a run asks an odd noise source for the numbers of each sample, stream and element, whatever the backend") {
  // 1300 elements per sample: more than one block of the cpu backend, which starts anew at each sample.
  constexpr std::size_t batch = 3, size = 1300;
  std::vector<double> x(batch * size), out(batch * size), by_hand = x;
  const dd::shared_plan p = dd::compile(dd::ddim{.eta = 1}, levels, dd::x0_model{});
  dd::sampler s(p, x, {.batch = batch}, address{});
  while (s.next()) s.feed(out);
  for (std::uint32_t step = 0; step < 3; ++step) {
    const dd::level<>&from = levels[step], &to = levels[step + 1];
    const double ratio = dd::rho(to) / dd::rho(from), c = to.sigma * std::sqrt(1 - ratio * ratio), kept = std::sqrt(to.sigma * to.sigma - c * c) / from.sigma;
    for (std::uint32_t sample = 0; sample < batch; ++sample)
      for (std::size_t i = 0; i < size; ++i) {
        double z = 0;
        address{}.fill(sample, step, i, std::span<double>(&z, 1));
        by_hand[sample * size + i] = kept * by_hand[sample * size + i] + c * z;
      }
  }
  double off = 0;
  for (std::size_t i = 0; i < x.size(); ++i) off = std::fmax(off, std::abs(x[i] - by_hand[i]));
  CHECK(off < 1e-8);  // numbers of size 2e6, three steps; the next address is 1 away
  std::vector<double> y(batch * size);
  dd::sampler r(p, y, {.batch = batch}, address{}, dd::no_filter{}, dd::reference{});
  while (r.next()) r.feed(out);
  for (std::size_t i = 0; i < x.size(); ++i) off = std::fmax(off, std::abs(x[i] - y[i]));
  CHECK(off < 1e-8);
}
