// SPDX-License-Identifier: MIT
//
// Searches, fits and descents without exceptions: every header of search/, each once on a small problem.
#include "diffode/diffode.hpp"

#include "diffode/backend/thread_pool.hpp"
#include "diffode/search/ays_search.hpp"
#include "diffode/search/compensated.hpp"
#include "diffode/search/descend_table.hpp"
#include "diffode/search/fit_coefficients.hpp"
#include "diffode/search/fit_compensation.hpp"
#include "diffode/search/frechet_distance.hpp"
#include "diffode/search/gits_search.hpp"
#include "diffode/search/objectives.hpp"
#include "diffode/search/refine_table.hpp"
#include "diffode/search/schedule_search.hpp"
#include "diffode/search/search_log.hpp"
#include "diffode/search/table_of.hpp"
#include "diffode/search/tune.hpp"
#include "diffode/search/tune_times.hpp"
#include "noexcept/expect.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dd = diffode;
using diffode_test::expect, diffode_test::failures;

namespace {

const dd::noise_path path{dd::vp_linear{}};

/// Data of two normals, N(-1, 0.2^2) and N(1, 0.2^2): the exact noise prediction, and its products.
double spread(const dd::level<>& at) { return 0.04 * at.alpha * at.alpha + at.sigma * at.sigma; }
void net(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.sigma * (x[i] - at.alpha * std::tanh(at.alpha * x[i] / spread(at))) / spread(at);
}
void product(const dd::adjoint_request<double>& asked, std::span<double> out, std::span<double> label) {
  const dd::level<>& at = asked.call.at;
  label[0] = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double x = asked.call.x[i], v = asked.cotangent[i], bend = std::tanh(at.alpha * x / spread(at));
    double later = 0, earlier = 0;
    net({&x, 1}, path.at(at.t + 1e-4), {&later, 1}), net({&x, 1}, path.at(at.t - 1e-4), {&earlier, 1});
    out[i] = v * at.sigma / spread(at) * (1 - at.alpha * at.alpha / spread(at) * (1 - bend * bend));
    label[0] += v * (later - earlier) / 2e-4;
  }
}
constexpr auto go_on = [](const auto&) { return true; };

dd::grid steps(int count) { return dd::try_uniform_lambda(path, {.from = 0.99, .to = 0.01, .count = count}).value(); }
std::vector<double> starts(std::size_t count, std::uint64_t seed) {
  std::vector<double> x(count);
  dd::fill_with_noise(x, path.at(0.99), dd::philox{.seed = seed}, count);
  return x;
}

void times() {
  std::vector<double> x = starts(16, 1);
  const auto picked = dd::try_gits_search(dd::dpmpp_2m{}, steps(20), dd::eps(net), x, {.steps = 4}, {.batch = 16});
  expect(picked && picked.value().steps() == 4, "gits_search picks times");
  const auto aligned = dd::try_ays_search(steps(20), dd::eps(net), x, {.steps = 4}, 16);
  expect(aligned && aligned.value().steps() == 4, "ays_search picks times");
  expect(dd::try_ays_search(steps(20), dd::eps(net), x, {.steps = 21}, 16).reason(), "ays_search: steps is 21, needs 1 to 20, the steps of the fine grid");
}

void schedules() {
  std::vector<double> x = starts(16, 2), wanted = x;
  expect(static_cast<bool>(dd::try_sample(dd::unipc{}, steps(60), dd::eps(net), wanted, {.batch = 16})), "the fine run is made");
  const dd::error_to objective{path, dd::eps(net), x, wanted, 16};
  const dd::schedule_space space{.path = path, .from = 0.99, .to = 0.01, .evaluations = 4};
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("diffode_noexcept_" + std::to_string(std::random_device{}()) + ".jsonl");
  dd::thread_pool threads(2);
  for (const std::size_t tries : {30U, 60U}) {
    auto log = dd::search_log::try_open(file.string(), "{\"seed\":0}");
    expect(log && log.value().size() == (tries == 30 ? 0 : 30), "the log has what was tried");
    const auto found = dd::try_schedule_search(space, objective, {.evaluations = tries, .population = 16}, threads, log.value(), go_on);
    expect(found && found.value().tried == tries && std::isfinite(found.value().best[0].score), "schedules are tried");
  }
  expect(dd::search_log::try_open(file.string(), "{\"seed\":1}").reason(), "search_log: " + file.string() + " was made with other settings, needs the same ones, or a new name");
  std::ofstream(file) << "something else\n";
  expect(!dd::search_log::try_open(file.string(), "{\"seed\":0}"), "what is no log is refused");
  std::filesystem::remove(file);
  for (const std::string_view text : {"", "{", "[1]", "{\"format\": 3}", "{\"steps\": [{\"form\": \"\\xff\"}]}"}) {
    expect(!dd::try_schedule_from_json(text), "what is no schedule is refused");
    expect(!dd::try_table_from_json(text), "what is no table is refused");
  }
}

void distances() {
  const std::vector<double> x = starts(16, 2);
  const auto frechet = dd::frechet_distance::try_to_data(std::span<const double>(x), 2);
  expect(frechet && frechet.value().try_of(std::span<const double>(x)).value() < 1e-12, "points are at no distance from themselves");
  expect(dd::frechet_distance::try_to_data(std::span<const double>(x), 0).reason(), "frechet_distance: size is 0, needs at least 1");
}

void plans() {
  const auto course = [](std::uint64_t seed) { return dd::teacher_course<double>::try_make(dd::unipc{}, steps(60), dd::eps(net), starts(16, seed), 16); };
  const auto fitted_to = course(3), held_out = course(4);
  expect(fitted_to && held_out, "the fine runs are made");
  const std::vector<dd::grid> from{steps(3), steps(3)};
  const auto tuned = dd::try_tune(std::span<const dd::grid>(from), dd::eps(net), fitted_to.value(), held_out.value(),
                                  {.times = {.least = 0.2, .sweeps = 2}, .refine = {.iterations = 2}}, {}, go_on);
  expect(tuned && tuned.value().refined <= tuned.value().fitted, "a plan is tuned");
  const auto table = dd::try_table_of(dd::dpmpp_2m{}, steps(3));
  expect(static_cast<bool>(table), "a method is a table");
  const auto descended = dd::try_descend_table(table.value(), dd::eps(net), product, fitted_to.value(), {.iterations = 3}, {}, go_on);
  expect(static_cast<bool>(descended), "a table descends");
  const dd::error_to objective{path, dd::eps(net), starts(16, 3), std::vector<double>(fitted_to.value().ends().begin(), fitted_to.value().ends().end()), 16};
  const auto rho = dd::try_fit_compensation(table.value(), objective, {.sweeps = 1, .tries = 3});
  expect(rho && dd::try_compensated(table.value(), rho.value()), "a table is compensated");
  const std::span<const dd::grid> none;
  expect(dd::try_tune(none, dd::eps(net), fitted_to.value(), held_out.value(), {}, {}, go_on).reason(), "tune: number of grids is 0, needs at least 1 to begin with");
}

}  // namespace

int main() {
  times();
  schedules();
  distances();
  plans();
  return failures == 0 ? 0 : 1;
}
