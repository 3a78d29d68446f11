// SPDX-License-Identifier: MIT
#include "diffode/grid/ays.hpp"

#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

constexpr ays_model models[] = {ays_model::stable_diffusion, ays_model::stable_diffusion_xl,
                                ays_model::stable_video_diffusion};

noise_path path_of(ays_model model) {
  if (model == ays_model::stable_video_diffusion) return edm{.sigma_max = 700};
  return table();
}

}  // namespace

TEST_CASE("ays: ten steps are the published list, with the ending in the place of its last entry") {
  CHECK(off(rhos(ays(table(), ays_model::stable_diffusion, 10)),
            {14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092, 0.9642583904,
             0.6523686016, 0.3977456272, 0.1515232662, 0}) < 1e-14);
  CHECK(off(rhos(ays(path_of(models[2]), models[2], 10, ending::keep)),
            {700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002}) < 1e-14);
}

TEST_CASE("ays: the ends of the lists are those of the model's training") {
  // The lists have the table in float32, which is 1e-5 off at its clean end.
  CHECK(off({ays_sd_sigmas[0], ays_sd_sigmas[10]}, {rho(table().at(999)), rho(table().at(0))}) < 2e-5);
  CHECK(ays_sdxl_sigmas[0] == ays_sd_sigmas[0]);
  CHECK(ays_sdxl_sigmas[10] == ays_sd_sigmas[10]);
}

TEST_CASE("ays: the published steps and rounded sigmas belong to the same levels") {
  for (std::size_t i = 0; i < 10; ++i) {
    // One training step is up to 3 % of sigma in the middle, 9 % at the clean end; sigmas have three digits.
    CHECK(off(rho(table().at(ays_sd_steps[i])), ays_sd_rounded[i]) < 0.1);
    CHECK(off(rho(table().at(ays_sdxl_steps[i])), ays_sdxl_rounded[i]) < 0.1);
    CHECK(off(ays_sd_rounded[i], ays_sd_sigmas[i]) < 5e-3);
    CHECK(off(ays_sdxl_rounded[i], ays_sdxl_sigmas[i]) < 2e-2);
  }
}

TEST_CASE("ays: every count has its steps, from the first sigma to the ending") {
  for (const ays_model m : models) {
    const noise_path p = path_of(m);
    const level<> first = ays(p, m, 10)[0], last = ays(p, m, 10, ending::keep).back();
    check_counts([&](int n) { return ays(p, m, n); }, first.lambda, infinity);
    check_counts([&](int n) { return ays(p, m, n, ending::keep); }, first.lambda, last.lambda);
  }
  // Twenty steps have the published sigmas at the even places, and geometric means between.
  const column twenty = rhos(ays(table(), models[0], 20));
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(off(twenty[2 * i], ays_sd_sigmas[i]) < 1e-14);
    CHECK(off(twenty[2 * i + 1], std::sqrt(ays_sd_sigmas[i] * ays_sd_sigmas[i + 1])) < 1e-14);
  }
}

TEST_CASE("ays: refusals name argument, value and what is allowed") {
  CHECK(message(try_ays(table(), models[0], 0)) == "ays: count is 0, needs at least 1");
  CHECK(message(try_ays(table(), models[0], 1000001)) == "ays: count is 1000001, needs at most 1000000");
  CHECK(message(try_ays(table(), models[0], 4, ending::at(-1))) ==
        "ays: ending is -1, needs a finite number not below 0");
}
