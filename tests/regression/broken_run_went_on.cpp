// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace dd = diffode;

/// Throws when its time has come, once.
struct fuse {
  int* left;
  void burn() const {
    if (--*left == 0) throw std::runtime_error("out of luck");
  }
};

struct throwing_filter : fuse {
  void operator()(std::span<const double> in, std::span<double> out, const dd::filter_call&) const {
    burn();
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] * 0.5;
  }
};

struct throwing_noise : fuse {
  void fill(std::uint32_t, std::uint32_t stream, std::uint64_t, std::span<double> out) const {
    burn();
    for (double& z : out) z = stream;
  }
};

const dd::grid& levels() {
  static const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 5});
  return g;
}

/// Runs on from where it is; the model returns what it is shown.
template <class Run, class Watch = dd::unwatched>
void go_on(Run& run, Watch watch = {}) {
  while (const auto call = run.next()) {
    const std::vector<double> answer(call->x.begin(), call->x.end());
    run.feed(answer, watch);
  }
}

/// Whether a run that throws half-way refuses to go on, and is whole again after restore and after restart.
template <class Run, class Watch = dd::unwatched>
void check_recovers(Run& run, std::vector<double>& x, int& left, Watch watch = {}) {
  const std::vector<double> start = x;
  left = 1000;
  go_on(run, watch);
  REQUIRE(run.finished());
  const std::vector<double> whole = x;

  x = start;
  left = 1000;
  run.restart();
  const dd::saved_run<double> saved = run.save();
  left = 3;
  CHECK_THROWS_AS(go_on(run, watch), std::runtime_error);
  CHECK_FALSE(run.next());
  CHECK_FALSE(run.finished());
  CHECK(run.report().outcome == dd::status::broken);
  const dd::fault refused = run.try_feed(x);
  REQUIRE(refused);
  CHECK(std::string(refused->what()) ==
        "feed: the run broke off in a watcher, filter, noise source or backend that threw, needs restart() or restore()");
  left = 1000;
  run.restore(saved);
  go_on(run, watch);
  CHECK(x == whole);
}

}  // namespace

TEST_CASE("a run whose filter throws does not go on with a prediction that was never filtered") {
  int left = 1000;
  std::vector<double> x{1, -2, 3};
  const throwing_filter limit{&left};
  auto run = dd::sampler(dd::ddim{}, levels(), dd::filtered(dd::x0_model{}, limit), x);
  check_recovers(run, x, left);
}

TEST_CASE("a run whose noise source throws does not go on with half of its noise") {
  int left = 1000;
  std::vector<double> x{1, -2, 3};
  auto run = dd::sampler(dd::ddim{.eta = 1}, levels(), dd::x0_model{}, x, {}, throwing_noise{&left});
  check_recovers(run, x, left);
}

TEST_CASE("a run whose watcher throws asks for no evaluation that is not its own") {
  int left = 1000;
  std::vector<double> x{1, -2, 3};
  auto run = dd::sampler(dd::ddim{}, levels(), dd::x0_model{}, x, {.plan = {.watch_state = true}});
  const fuse f{&left};
  check_recovers(run, x, left, [&](const dd::sight<double>&) { f.burn(); });
}

TEST_CASE("a saved run that does not rest at an evaluation is refused") {
  std::vector<double> x{1};
  const dd::grid grid = dd::karras(dd::edm{}, {.count = 3});
  auto run = dd::sampler(dd::euler{}, grid, dd::edm_model{}, x);
  dd::saved_run<double> saved = run.save();
  CHECK_FALSE(run.try_restore(saved));
  saved.at = 0;  // the combine that scales the first input
  CHECK(run.try_restore(saved));
  saved.at = 99;
  CHECK(run.try_restore(saved));
}
