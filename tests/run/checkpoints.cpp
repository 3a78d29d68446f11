// SPDX-License-Identifier: MIT
#include "diffode/run/checkpoints.hpp"

#include "catch.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/model.hpp"
#include "diffode/run/adjoint_sampler.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "doc/files.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

/// The fewest evaluations that taking back `length` of them repeats, by trying every place for every kept state.
class fewest {
 public:
  fewest(int lengths, int frees) : frees_(frees), all_(static_cast<std::size_t>((lengths + 1) * (frees + 1))) {
    for (int free = 0; free <= frees; ++free)
      for (int length = 2; length <= lengths; ++length) {
        long best = static_cast<long>(length) * (length - 1) / 2;
        for (int m = 1; m < length && free > 0; ++m) {
          const long here = m + at(length - m, free - 1) + at(m, free);
          best = here < best ? here : best;
        }
        all_[index(length, free)] = best;
      }
  }
  long at(int length, int free) const { return all_[index(length, free)]; }

 private:
  std::size_t index(int length, int free) const { return static_cast<std::size_t>(length * (frees_ + 1) + free); }
  int frees_;
  std::vector<long> all_;
};

long repeated(int length, int free) {
  if (length < 2) return 0;
  if (free == 0) return static_cast<long>(length) * (length - 1) / 2;
  const int m = dd::detail::checkpoint_distance(length, free);
  return m + repeated(length - m, free - 1) + repeated(m, free);
}

/// What the way there shares with the first way back: evaluations up to the last state that it keeps.
long shared(int length, int free) {
  if (length < 2 || free == 0) return 0;
  const int m = dd::detail::checkpoint_distance(length, free);
  return m + shared(length - m, free - 1);
}

/// Evaluations on the way there and the first way back, and on a second way back.
struct counted {
  int first, again;
};

counted calls_with(const dd::shared_plan& made, int kept) {
  std::vector<double> x{1}, dx{1}, out(1);
  dd::adjoint_sampler<double> s(made, x, dx, {.checkpoints = kept});
  const auto answer = [&] {
    while (const auto wanted = s.next()) {
      out[0] = (wanted->is_product() ? wanted->cotangent[0] : wanted->call.x[0]) / 2;
      s.feed(out);
    }
  };
  answer();
  s.start_backward();
  answer();
  const int first = s.calls();
  s.start_backward();
  answer();
  return {first, s.calls() - first};
}

}  // namespace

TEST_CASE("states are kept where the fewest evaluations are made again") {
  const fewest best(60, 7);
  for (int length = 2; length <= 60; ++length)
    for (int free = 1; free <= 7; ++free) {
      INFO(length << " evaluations, room for " << free);
      const int m = dd::detail::checkpoint_distance(length, free);
      CHECK(m >= 1);
      CHECK(m < length);
      CHECK(repeated(length, free) == best.at(length, free));
    }
}

TEST_CASE("a gradient makes as many evaluations as its kept states leave over") {
  for (const int n : {1, 2, 3, 7, 20}) {
    const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.05, .count = n});
    const dd::shared_plan made = dd::compile(dd::ddim{}, g, dd::eps_model{});
    CHECK(calls_with(made, dd::every_evaluation).first == n);
    CHECK(calls_with(made, dd::every_evaluation).again == 0);
    for (int kept = 0; kept <= n; ++kept) {
      INFO(n << " evaluations, " << kept << " kept");
      CHECK(calls_with(made, kept).first == n + repeated(n, kept) - shared(n, kept));
      CHECK(calls_with(made, kept).again == repeated(n, kept));
    }
    CHECK(calls_with(made, 0).first == n + n * (n - 1) / 2);
    CHECK(calls_with(made, n).first == n);
  }
}

TEST_CASE("the page of gradients counts evaluations as the sampler makes them") {
  std::string table = "| evaluations of the run | k = 0 | 1 | 2 | 3 | 5 | 8 | all |\n|---|---|---|---|---|---|---|---|\n";
  for (const int n : {10, 20, 50}) {
    const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.05, .count = n});
    const dd::shared_plan made = dd::compile(dd::ddim{}, g, dd::eps_model{});
    table += "| " + std::to_string(n) + " |";
    for (const int kept : {0, 1, 2, 3, 5, 8, dd::every_evaluation}) table += " " + std::to_string(calls_with(made, kept).first) + " |";
    table += "\n";
  }
  INFO("docs/adjoint.md is not what was counted; run test_run with DIFFODE_UPDATE_DOCS=1 to write it. Counted:\n" << table);
  CHECK(doc::holds(doc::root() / "docs/adjoint.md", "evaluations", table));
}

TEST_CASE("a state that goes on holds what is read later, and nothing else") {
  const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.05, .count = 6});
  const dd::plan one = dd::compile(dd::ddim{}, g, dd::eps_model{}), three = dd::compile(dd::dpmpp_3m{}, g, dd::eps_model{});
  CHECK(dd::detail::most_live(one) == 1);
  CHECK(dd::detail::most_live(three) == 3);  // the state and two predictions
  const std::vector<char> live = dd::detail::live_slots(three);
  REQUIRE(live.size() == 18);
  CHECK(std::vector<char>(live.begin(), live.begin() + 3) == std::vector<char>{1, 0, 0});  // before the first evaluation the state alone
}
