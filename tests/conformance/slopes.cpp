// SPDX-License-Identifier: MIT

// Slopes and errors of every family, against numbers that were measured apart from this library, with other code: the VP
// path from t = 0.8 to 0.02, data a mixture of three normals, five starts, exact states at the first points.

#include "conformance/slopes.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/deis.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_2m_v2.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/dpmpp_sde.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/gradient_estimation.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/ipndm.hpp"
#include "diffode/method/lms.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/method/sa_solver.hpp"
#include "diffode/method/sde_dpmpp.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/method/unic.hpp"
#include "diffode/method/unipc.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

constexpr auto noise_form = prediction::eps;
constexpr auto published = curvature::published;
const ramp full = ramp::full();

}  // namespace

TEST_CASE("exponential multistep methods have the listed slopes and errors") {
  check_slope("DDIM", ddim{}, uniform_grid, {1.02, 6.3e-3});
  check_slope("2M midpoint", dpmpp_2m{}, uniform_grid, {2.00, 2.5e-5});
  check_slope("2M heun", dpmpp_2m{.form = slope::heun}, uniform_grid, {2.00, 4.4e-5});
  check_slope("2M midpoint, noise", dpmpp_2m{.target = noise_form}, uniform_grid, {1.99, 0});
  check_slope("2M heun, noise", dpmpp_2m{.form = slope::heun, .target = noise_form}, uniform_grid, {1.99, 0});
  check_slope("3M published", dpmpp_3m{.weights = published}, uniform_grid, {2.02, 8.8e-6});
  check_slope("3M exact", dpmpp_3m{}, uniform_grid, {3.01, 1.6e-7});
  check_slope("3M published, noise", dpmpp_3m{.weights = published, .target = noise_form}, uniform_grid, {2.00, 0});
  check_slope("3M exact, noise", dpmpp_3m{.target = noise_form}, uniform_grid, {3.07, 0});
  check_slope("4 nodes", unipc{.p = 4, .corrector = false, .ends = full}, uniform_grid, {4.02, 9.4e-9});
  check_slope("4 nodes, noise", unipc{.p = 4, .target = noise_form, .corrector = false, .ends = full}, uniform_grid, {3.85, 0});
}

TEST_CASE("exponential single-step methods have the listed slopes and errors") {
  const auto taylor = slope::heun;
  check_slope("2S", singlestep{}, uniform_grid, {1.99, 3.0e-5});
  check_slope("2S taylor", singlestep{.form = taylor}, uniform_grid, {2.00, 1.2e-5});
  check_slope("3S", singlestep{.p = 3}, uniform_grid, {3.01, 1.8e-8});
  check_slope("3S taylor", singlestep{.p = 3, .form = taylor}, uniform_grid, {3.06, 4.2e-9});
  check_slope("3S, noise", singlestep{.p = 3, .target = noise_form}, uniform_grid, {2.99, 0});
  check_slope("3S taylor, noise", singlestep{.p = 3, .form = taylor, .target = noise_form}, uniform_grid, {2.99, 0});
  check_slope("3S, r2 = 0.5", singlestep{.p = 3, .r2 = {0.5}}, uniform_grid, {1.99, 4.3e-6});
  check_slope("3S, r2 = 0.9", singlestep{.p = 3, .r2 = {0.9}}, uniform_grid, {2.00, 6.1e-6});
}

TEST_CASE("UniPC has the listed slopes and errors, and unic over other predictors those that follow") {
  using enum unified;
  check_slope("UniPC-1 bh1", unipc{.p = 1, .form = bh1, .ends = full}, uniform_grid, {2.01, 3.6e-5});
  check_slope("UniPC-1 bh2", unipc{.p = 1, .ends = full}, uniform_grid, {2.00, 9.1e-5});
  check_slope("UniPC-2 bh1", unipc{.p = 2, .form = bh1, .ends = full}, uniform_grid, {3.00, 1.2e-6});
  check_slope("UniPC-2 bh2", unipc{.p = 2, .ends = full}, uniform_grid, {2.99, 6.7e-7});
  check_slope("UniPC-3", unipc{.p = 3, .ends = full}, uniform_grid, {3.97, 8.6e-9});
  check_slope("UniPC-3, noise", unipc{.p = 3, .target = noise_form, .ends = full}, uniform_grid, {3.94, 0});
  check_slope("UniPC-4", unipc{.p = 4, .ends = full}, uniform_grid, {4.93, 1.5e-10});
  check_slope("UniPC-4, noise", unipc{.p = 4, .target = noise_form, .ends = full}, uniform_grid, {5.10, 0});
  check_slope("UniPC-2 vary_coeff", unipc{.p = 2, .form = vary_coeff, .ends = full}, uniform_grid, {0.98, 2.0e-3});
  check_slope("UniPC-3 vary_coeff", unipc{.p = 3, .form = vary_coeff, .ends = full}, uniform_grid, {1.00, 3.6e-3});
  // The same methods, made of a predictor and a corrector.
  check_slope("DDIM + UniC-1", unic<ddim>{.form = bh1, .ends = full}, uniform_grid, {2.01, 3.6e-5});
  check_slope("2M + UniC-2", unic<dpmpp_2m>{.ends = full}, uniform_grid, {2.99, 6.7e-7});
  check_slope("3M + UniC-3", unic<dpmpp_3m>{.ends = full}, uniform_grid, {3.97, 8.6e-9});
}

TEST_CASE("methods in sigma/alpha and in time have the listed slopes and errors") {
  check_slope("LMS 2", lms{.p = 2}, karras_grid, {1.98, 1.5e-4});
  check_slope("LMS 3", lms{.p = 3}, karras_grid, {2.97, 4.9e-6});
  check_slope("LMS 4", lms{.p = 4}, karras_grid, {3.97, 1.9e-7});
  check_slope("LMS shifted", lms{.shifted = true}, karras_grid, {0.83, 1.4e-2});
  check_slope("tAB 1", deis{.q = 1}, karras_grid, {1.99, 9.3e-5});
  check_slope("tAB 2", deis{.q = 2}, karras_grid, {2.96, 1.6e-6});
  check_slope("tAB 3", deis{.q = 3}, karras_grid, {3.87, 1.4e-7});
  check_slope("iPNDM 2", ipndm{.p = 2}, karras_grid, {2.01, 3.3e-5});
  check_slope("iPNDM 3", ipndm{.p = 3}, karras_grid, {2.02, 2.1e-5});
  check_slope("iPNDM 4", ipndm{.p = 4}, karras_grid, {2.00, 2.0e-5});
  check_slope("rhoRK 2heun", rk{.how = butcher_tableau::heun2()}, karras_grid, {2.00, 5.6e-5});
  check_slope("EDM Heun", heun{}, karras_grid, {2.00, 5.6e-5});
  check_slope("rhoRK 3kutta", rk{.how = butcher_tableau::kutta3()}, karras_grid, {3.00, 9.7e-8});
  check_slope("rhoRK 3heun", rk{.how = butcher_tableau::heun3()}, karras_grid, {3.01, 6.2e-8});
  check_slope("rhoRK 4rk", rk{}, karras_grid, {4.01, 9.7e-10});
  check_slope("2M v2", dpmpp_2m_v2{}, karras_grid, {0.98, 5.6e-3});
  check_slope("gradient estimation", gradient_estimation{}, karras_grid, {0.95, 6.7e-3});
}

TEST_CASE("SA-Solver without noise has the listed slopes and errors") {
  const auto sa = [](int p, int c, const wanted& w) {
    const sa_solver<> how{.predictor = p, .corrector = c, .tau = {0}, .simple = true, .ends = full};
    check_slope("SA-Solver (" + std::to_string(p) + ", " + std::to_string(c) + ")", how, uniform_grid, w);
  };
  sa(1, 1, {0.95, 6.0e-3});
  sa(1, 2, {2.01, 3.6e-5});
  sa(2, 2, {2.06, 3.0e-5});
  sa(3, 2, {2.00, 2.9e-5});
  sa(2, 3, {3.00, 1.3e-6});
  sa(3, 4, {3.97, 8.7e-9});
}

TEST_CASE("the drift of stochastic methods has the listed slopes and errors") {
  const auto drift = [](const char* name, const auto& how, double slope, double error) {
    check_slope(name, how, uniform_grid, {slope, error, 1});
  };
  drift("SDE 1", sde_dpmpp{.p = 1}, 1.01, 1.6e-3);
  drift("SDE 2M midpoint", sde_dpmpp{}, 2.00, 5.7e-6);
  drift("SDE 2M heun", sde_dpmpp{.form = slope::heun}, 2.02, 1.4e-5);
  drift("dpmpp_sde", dpmpp_sde{}, 1.98, 1.9e-5);
  drift("SDE 3M, k-diffusion", sde_dpmpp{.p = 3, .weights = published}, 1.95, 2.7e-6);
  drift("SDE 3M, diffusers", sde_dpmpp{.p = 3, .weights = published, .flipped = true}, 1.07, 4.8e-4);
  drift("SDE 3M, exact", sde_dpmpp{.p = 3}, 3.20, 1.3e-7);
}

TEST_CASE("on the straight path from pure noise every family keeps its order") {
  // Listed without errors and without the time of the end, which moves the slopes of the higher orders.
  const auto straight = [](const char* name, const auto& how, double slope, double tolerance) {
    check_slope(name, how, straight_grid, {slope, 0, 0, tolerance});
  };
  straight("Euler", euler{}, 0.99, 0.15);
  straight("Heun", heun{.along = axis::time}, 2.00, 0.15);
  straight("AB2", lms{.p = 2, .along = axis::time}, 1.99, 0.15);
  straight("AB4", lms{.along = axis::time}, 3.74, 0.3);
  straight("DPM-Solver++ exact 2", dpmpp_2m{.form = slope::heun}, 2.12, 0.15);
  straight("DPM-Solver++ exact 3", dpmpp_3m{}, 2.95, 0.15);
}
