// SPDX-License-Identifier: MIT
#include "diffode/run/workspace.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"

namespace dd = diffode;
using namespace diffode_test;

namespace {

const dd::grid levels = families()[0].uniform(6);
constexpr std::size_t size = 9;

}  // namespace

TEST_CASE("a run in the caller's memory uses all that it says it needs, and nothing around it") {
  const dd::shared_plan p = dd::compile(dd::unipc{}, levels, dd::v_model{});
  REQUIRE(p->slots() > 1);
  const std::size_t bytes = dd::workspace<double>::bytes(*p, size);
  const std::size_t pitch = 128;  // 9 doubles in whole cache lines
  CHECK(bytes == static_cast<std::size_t>(p->slots() - 1) * pitch);
  std::vector<double> memory(bytes / sizeof(double) + 2, 12345), x(size, 0.5), y = x;
  const auto inner = std::as_writable_bytes(std::span(memory)).subspan(sizeof(double), bytes);
  dd::sampler<double> s(p, x, {.memory = inner});
  finish<decltype(s), double>(s, scalar_truth(told::v), size);
  CHECK(x == run(p, y, scalar_truth(told::v)));
  CHECK(memory.front() == 12345);
  CHECK(memory.back() == 12345);
  CHECK(memory[1] != 12345);
  CHECK(memory[1 + (bytes - pitch) / sizeof(double) + size - 1] != 12345);
}

TEST_CASE("memory holds no matter what before the run") {
  const dd::shared_plan p = dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{});
  std::vector<double> memory(dd::workspace<double>::bytes(*p, size) / sizeof(double), std::nan("")), x(size, 0.5), y = x;
  dd::sampler<double> s(p, x, {.memory = std::as_writable_bytes(std::span(memory))});
  finish<decltype(s), double>(s, scalar_truth(told::v), size);
  CHECK(x == run(p, y, scalar_truth(told::v)));
}

TEST_CASE("a saved run holds every array and goes into other memory") {
  const dd::shared_plan p = dd::compile(dd::unipc{}, levels, dd::v_model{});
  std::vector<double> x(size, 0.5), y(size), out(size);
  dd::sampler<double> s(p, x), t(p, y);
  const auto net = scalar_truth(told::v);
  for (int k = 0; k < 3; ++k) {
    net(*s.next(), out);
    s.feed(out);
  }
  const dd::saved_run<double> saved = s.save();
  CHECK(saved.slots.size() == static_cast<std::size_t>(p->slots()));
  CHECK(saved.plan == p->fingerprint());
  t.restore(saved);
  CHECK(t.next()->index == 3);
  CHECK(t.next()->x.data() != s.next()->x.data());
  finish<decltype(s), double>(s, net, size);
  finish<decltype(t), double>(t, net, size);
  CHECK(x == y);
}

TEST_CASE("a plan is kept alive by its copies") {
  dd::shared_plan a = dd::compile(dd::unipc{}, levels, dd::v_model{});
  const dd::plan* const where = &*a;
  const dd::shared_plan b = a;
  a = dd::compile(dd::unipc{.p = 1}, levels, dd::v_model{});
  CHECK(&*b == where);
  CHECK(b->calls() == 6);
  CHECK(&*a != where);
}
