// SPDX-License-Identifier: MIT
//
// docs/search.md: fit and search few-step samplers for a model of one's own, and store them.
#include <diffode/adapter/json.hpp>
#include <diffode/backend/thread_pool.hpp>
#include <diffode/diffode.hpp>
#include <diffode/search/fit_coefficients.hpp>
#include <diffode/search/frechet_distance.hpp>
#include <diffode/search/objectives.hpp>
#include <diffode/search/search_log.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

/// The noise in data of two normals.
void net(std::span<const float> x, const dd::level<>& at, std::span<float> out) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    double shares = 0, sum = 0;
    for (const double mean : {-1.0, 0.5}) {
      const double v = 0.09 * at.alpha * at.alpha + at.sigma * at.sigma, off = static_cast<double>(x[i]) - at.alpha * mean;
      const double share = std::exp(-0.5 * off * off / v);
      shares += share, sum += share * at.sigma * off / v;
    }
    out[i] = static_cast<float>(sum / shares);
  }
}

double error(const std::vector<float>& x, std::span<const float> wanted) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::pow(static_cast<double>(x[i] - wanted[i]), 2);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

}  // namespace

int main() {
  constexpr std::size_t samples = 64;
  const dd::noise_path path = dd::vp_linear{};
  std::vector<float> start(samples), held_out(samples);
  dd::fill_with_noise(start, path.at(1), dd::philox{.seed = 1}, samples);
  dd::fill_with_noise(held_out, path.at(1), dd::philox{.seed = 2}, samples);

  const dd::grid grid = dd::uniform_lambda(path, {.from = 1, .to = 1e-3, .count = 6});
  const std::vector<float> teacher = dd::teacher_states(dd::unipc{.p = 3}, grid, 20, dd::eps(net), start, {.batch = samples});
  std::vector<float> x = start;
  const dd::coefficient_table fitted = dd::fit_coefficients(grid, dd::eps(net), x, teacher, {}, samples);
  const std::string file = dd::to_json(fitted);

  const dd::coefficient_table plan = dd::table_from_json(file);
  std::vector<float> y = held_out;
  dd::sample(plan, dd::from_times(path, plan.times), dd::eps(net), y, {.batch = samples});

  std::vector<float> z = held_out;
  dd::sample(dd::dpmpp_2m{}, grid, dd::eps(net), z, {.batch = samples});
  const std::vector<float> wanted = dd::teacher_states(dd::unipc{.p = 3}, grid, 20, dd::eps(net), held_out, {.batch = samples});
  const std::span<const float> last = std::span(wanted).last(samples);
  if (!(error(y, last) < error(z, last))) return 1;

  const std::vector<float> ends(teacher.end() - samples, teacher.end());
  const dd::schedule_space space{.path = path, .from = 1, .to = 1e-3, .evaluations = 6};
  const dd::search_options options{.seed = 1, .evaluations = 300};
  dd::thread_pool threads;
  dd::search_log log = dd::search_log::open("doc_searched.jsonl", R"({"seed": 1, "model": "two normals"})");
  const auto progress = [](const dd::search_progress& p) { return p.tried <= p.evaluations; };
  const dd::error_to objective{path, dd::eps(net), start, ends, samples};
  const dd::search_report found = dd::try_schedule_search(space, objective, options, threads, log, progress).value();
  const dd::solver_schedule best = found.best[0].schedule;
  std::remove("doc_searched.jsonl");
  if (!(objective(best) < objective(dd::first_schedule(space, 2, dd::dice(0, 0))))) return 2;

  const std::vector<float>& data = ends;
  const std::size_t size_of_sample = 1;
  const auto frechet = dd::frechet_distance::to_data(std::span<const float>(data), size_of_sample);
  const dd::distance_of likeness{path, dd::eps(net), start, frechet, samples};
  return likeness(best) < likeness(dd::first_schedule(space, 2, dd::dice(0, 0))) ? 0 : 3;
}
