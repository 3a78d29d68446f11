// SPDX-License-Identifier: MIT
#include "diffode/grid.hpp"
#include "diffode/grid/gits.hpp"
#include "diffode/schedule.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

struct rule {
  const char* name;
  result<grid> (*make)(int count, ending end);
  bool may_merge = false;  // steps that come out equal are taken once
};

const rule rules[] = {
    {"uniform_lambda",
     [](int n, ending e) {
       return try_uniform_lambda(vp_linear{}, {1, 1e-3, n, e});
     }},
    {"uniform_time",
     [](int n, ending e) {
       return try_uniform_time(table(), {999, 0, n, e});
     }},
    {"quadratic",
     [](int n, ending e) {
       return try_quadratic(vp_linear{}, {1, 1e-3, n, e});
     }},
    {"power_time",
     [](int n, ending e) {
       return try_power_time(edm_vp{}, {1, 1e-3, n, e}, 3);
     }},
    {"sgm_uniform", [](int n, ending e) { return try_sgm_uniform(table(), n, e); }},
    {"simple_steps", [](int n, ending e) { return try_simple_steps(table(), n, e); }},
    {"spaced", [](int n, ending e) { return try_spaced(table(), {.count = n, .end = e}); }},
    {"smoothstep", [](int n, ending e) { return try_smoothstep(table(), n, e); }, true},
    {"beta_times", [](int n, ending e) { return try_beta_times(table(), n, {}, e); }, true},
    {"distilled", [](int n, ending e) { return try_distilled(table(), {.count = n, .original = 1000, .end = e}); }},
    {"exponential", [](int n, ending e) { return try_exponential(table(), {.count = n, .end = e}); }},
    {"lu_lambdas", [](int n, ending e) { return try_lu_lambdas(vp_cosine_shifted{}, {.count = n, .end = e}); }},
    {"polyexponential", [](int n, ending e) { return try_polyexponential(edm{}, {.count = n, .end = e}, 2); }},
    {"karras", [](int n, ending e) { return try_karras(edm{}, {.count = n, .end = e}); }},
    {"kl_optimal", [](int n, ending e) { return try_kl_optimal(ve{}, {.count = n, .end = e}); }},
    {"beta_sigmas", [](int n, ending e) { return try_beta_sigmas(table(), {.count = n, .end = e}); }},
    {"vp_sigmas", [](int n, ending e) { return try_vp_sigmas(ve{}, {.count = n, .end = e}); }},
    {"bong_tangent", [](int n, ending e) { return try_bong_tangent(table(), {.count = n, .end = e}); }},
    {"ays", [](int n, ending e) { return try_ays(table(), ays_model::stable_diffusion_xl, n, e); }},
    {"gits", [](int n, ending e) { return try_gits(table(), {.count = n, .end = e}); }},
    {"flow_uniform",
     [](int n, ending e) { return try_flow_uniform(shifted_by(3), {.count = n, .last = 0.1, .end = e}); }},
    {"logit_normal", [](int n, ending e) { return try_logit_normal(trigflow{}, {.count = n, .end = e}); }},
    {"linear_quadratic", [](int n, ending) { return try_linear_quadratic(flow{}, {.count = n}); }},
    {"flux_steps",
     [](int n, ending) {
       return try_flux_steps({4096, n});
     }},
    {"flux2_steps",
     [](int n, ending) {
       return try_flux2_steps({4096, n});
     }},
    {"qwen_image_steps",
     [](int n, ending) {
       return try_qwen_image_steps({4096, n});
     }},
    {"ltx_steps",
     [](int n, ending) {
       return try_ltx_steps({4096, n});
     }},
    {"sd3_steps", [](int n, ending) { return try_sd3_steps({n}); }},
    {"flow_match_steps", [](int n, ending) { return try_flow_match_steps({n}); }},
};

/// Nothing that a run could stumble over, whatever the rule.
void check_sound(const grid& g) {
  bool finite = true, in_range = true, rises = true;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const level<>& l = g[i];
    finite = finite && std::isfinite(l.t) && std::isfinite(l.label) && std::isfinite(l.alpha) && std::isfinite(l.sigma);
    in_range = in_range && l.alpha >= 0 && l.alpha <= 1 && l.sigma >= 0 && (l.sigma <= 1 || l.alpha == 1);
    in_range = in_range && l.label >= 0 && (i == 0 || l.label <= g[i - 1].label);
    rises = rises && (i == 0 || l.lambda > g[i - 1].lambda);
  }
  CHECK(finite);
  CHECK(in_range);
  CHECK(rises);
}

}  // namespace

TEST_CASE("every rule: as many steps as asked for, finite levels in range, lambda rising, labels never rising") {
  for (const rule& r : rules)
    for (const ending e : {ending::zero, ending::keep})
      for (const int n : {1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 50, 333}) {
        INFO(r.name << " of " << n);
        const result<grid> g = r.make(n, e);
        INFO(message(g));
        REQUIRE(g);
        if (r.may_merge && n > 50) CHECK(g.value().steps() <= static_cast<std::size_t>(n));
        else CHECK(g.value().steps() == static_cast<std::size_t>(n));
        check_sound(g.value());
      }
}

TEST_CASE("every rule: counts that can not be are refused under its name") {
  for (const rule& r : rules)
    for (const int n : {0, -1, -2147483647, 2147483647}) {
      INFO(r.name << " of " << n);
      const std::string why = message(r.make(n, ending::zero));
      CHECK_THAT(why, starts_with(r.name) && contains("count is " + std::to_string(n) + ", needs "));
    }
}
