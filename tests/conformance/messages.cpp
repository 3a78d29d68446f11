// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "diffode/diffode.hpp"

#include <limits>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

const dd::grid levels = diffode_test::families()[2].uniform(4);

/// The message of what `wrong` throws, with its kind.
template <class F>
std::string refusal(dd::errc kind, F wrong) {
  try {
    wrong();
  } catch (const dd::error& e) {
    CHECK(e.code() == kind);
    return e.what();
  }
  return "nothing was refused";
}

template <class M>
std::string planning(dd::errc kind, const M& how) {
  return refusal(kind, [&] { dd::compile(how, levels, dd::eps_model{}); });
}

template <class F>
std::string model(const F& form) {
  return refusal(dd::errc::bad_model, [&] { dd::compile(dd::ddim{}, levels, form); });
}

std::string running(dd::errc kind, const dd::shared_plan& p, std::size_t size, const dd::run_options& o = {}) {
  return refusal(kind, [&] {
    std::vector<double> x(size);
    dd::sampler<double> s(p, x, o);
  });
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("options that a method does not have are refused with their value") {
  using dd::errc;
  CHECK(planning(errc::bad_method, dd::unipc{.p = 7}) == "unipc: order p is 7, needs 1 to 4");
  CHECK(planning(errc::bad_method, dd::unipc{.p = 0}) == "unipc: order p is 0, needs 1 to 4");
  CHECK(planning(errc::bad_method, dd::ddim{.eta = 2}) == "ddim: eta is 2, needs a number from 0 to 1");
  CHECK(planning(errc::bad_method, dd::ddim{.eta = -0.5}) == "ddim: eta is -0.5, needs a number from 0 to 1");
  CHECK(planning(errc::bad_method, dd::ddim{.eta = not_a_number}) == "ddim: eta is nan, needs a number from 0 to 1");
  CHECK(planning(errc::bad_method, dd::dpmpp_2m{.ends = dd::ramp::given({1, 9})}) == "dpmpp_2m: ramp.orders[1] is 9, needs 1 to 2");
  CHECK(planning(errc::bad_method, dd::dpmpp_3m{.ends = dd::ramp::given({1, 2, 0})}) == "dpmpp_3m: ramp.orders[2] is 0, needs 1 to 3");
  CHECK(planning(errc::bad_method, dd::unipc{.p = 3, .ends = dd::ramp::given({4})}) == "unipc: ramp.orders[0] is 4, needs 1 to 3");
}

TEST_CASE("a model that can not be is refused with its numbers") {
  CHECK(model(dd::guided(dd::eps_model{}, {.outputs = 2, .weight = {3, -1.5}})) == "guidance: the weights sum to 1.5, need to sum to 1");
  CHECK(model(dd::guided(dd::eps_model{}, {.outputs = 0})) == "guidance: outputs is 0, needs 1 to 4");
  CHECK(model(dd::guided(dd::eps_model{}, {.outputs = 5})) == "guidance: outputs is 5, needs 1 to 4");
  CHECK(model(dd::guided(dd::eps_model{}, {.outputs = 2, .weight = {not_a_number, 1}})) == "guidance: weight 0 is nan, needs a finite number");
  CHECK(model(dd::guided(dd::eps_model{}, {.from_lambda = 2, .to_lambda = 1})) == "guidance: from_lambda is 2, needs a number not above to_lambda = 1");
  CHECK(model(dd::edm_model{.sigma_data = 0}) == "edm_model: sigma_data is 0, needs a finite number above 0");
  CHECK(model(dd::edm_model{.sigma_data = not_a_number}) == "edm_model: sigma_data is nan, needs a finite number above 0");
  CHECK(model(dd::filtered(dd::eps_model{}, dd::clip{.range = -1})) == "clip: range is -1, needs a number above 0");
  CHECK(model(dd::filtered(dd::eps_model{}, dd::dynamic_threshold{.ratio = 1.5})) == "dynamic_threshold: ratio is 1.5, needs a number above 0 and not above 1");
  CHECK(model(dd::filtered(dd::eps_model{}, dd::dynamic_threshold{.least = 0})) == "dynamic_threshold: least is 0, needs a number above 0");
  CHECK(model(dd::filtered(dd::eps_model{}, dd::dynamic_threshold{.most = 0.5})) == "dynamic_threshold: most is 0.5, needs a number not below least = 1");
}

TEST_CASE("lanes that do not fit are refused") {
  const auto fixed = [](std::vector<dd::grid> grids, dd::lane_map map, dd::errc kind) {
    return refusal(kind, [&] { dd::compile(dd::ddim{}, dd::fixed<dd::lanes>(grids, map), dd::v_model{}); });
  };
  CHECK(fixed({}, {.count = 2}, dd::errc::bad_grid) == "fixed: number of grids is 0, needs one for each of the 2 lanes");
  CHECK(fixed({levels}, {.count = 2}, dd::errc::bad_grid) == "fixed: number of grids is 1, needs one for each of the 2 lanes");
  CHECK(fixed({levels, levels}, {.stride = 0, .count = 2}, dd::errc::bad_shape) == "fixed: lane stride is 0, needs at least 1");
  CHECK(fixed({levels, diffode_test::families()[2].uniform(3)}, {.count = 2}, dd::errc::bad_grid) == "fixed: grid 1 has 3 steps, needs as many as grid 0, 4");
  const dd::plan p = dd::compile(dd::ddim{}, dd::fixed<dd::lanes>({levels, levels}, {.stride = 3, .count = 2}), dd::v_model{});
  CHECK(running(dd::errc::bad_shape, p, 9) == "sampler: size of x is 9, needs a multiple of 2 lanes x stride 3");
}

TEST_CASE("arrays and memory that do not fit are refused with their sizes") {
  const dd::shared_plan p = dd::compile(dd::dpmpp_2m{}, levels, dd::v_model{});
  REQUIRE(p->slots() == 2);
  alignas(8) std::byte memory[72];
  CHECK(running(dd::errc::bad_shape, p, 0) == "sampler: size of x is 0, needs at least 1");
  CHECK(running(dd::errc::bad_shape, p, 7, {.batch = 3}) == "sampler: batch is 3, needs a divisor of the size of x, 7");
  CHECK(running(dd::errc::bad_shape, p, 7, {.batch = 0}) == "sampler: batch is 0, needs a divisor of the size of x, 7");
  CHECK(running(dd::errc::bad_shape, p, 7, {.memory = std::span(memory).first(48)}) == "sampler: size of memory is 48 bytes, needs 64");
  const std::string odd = running(dd::errc::bad_shape, p, 7, {.memory = std::span(memory).subspan(1, 64)});
  CHECK_THAT(odd, diffode_test::starts_with("sampler: address of memory is "));
  CHECK_THAT(odd, diffode_test::ends_with(", needs a multiple of 8"));
}

TEST_CASE("an answer that nobody asked for, or of the wrong size, is refused and the run stays as it was") {
  std::vector<double> x(4, 1), out(4), more(5);
  dd::sampler s(dd::compile(dd::ddim{}, levels, dd::v_model{}), x);
  using dd::errc;
  CHECK(refusal(errc::bad_shape, [&] { s.feed(more); }) == "feed: size of output 0 is 5, needs 4, the size of the state");
  CHECK(refusal(errc::bad_shape, [&] { s.feed(std::span<const double>()); }) == "feed: size of output 0 is 0, needs 4, the size of the state");
  CHECK(refusal(errc::bad_call, [&] { s.feed({out, out}); }) == "feed: number of outputs is 2, needs 1 (one for each weight of the guidance)");
  CHECK(x == std::vector<double>(4, 1));
  CHECK(s.next()->index == 0);
  while (s.next()) s.feed(out);
  CHECK(refusal(errc::bad_call, [&] { s.feed(out); }) == "feed: the run is finished after 4 evaluations, needs a next() that asks for one");
}

TEST_CASE("a guided run needs as many outputs as it asked for") {
  std::vector<double> x(4, 1), out(4);
  dd::sampler s(dd::compile(dd::ddim{}, levels, dd::guided(dd::v_model{}, dd::classifier_free(3))), x);
  CHECK(refusal(dd::errc::bad_call, [&] { s.feed(out); }) == "feed: number of outputs is 1, needs 2 (one for each weight of the guidance)");
  CHECK(refusal(dd::errc::bad_shape, [&] { s.feed({out, {}}); }) == "feed: size of output 1 is 0, needs 4, the size of the state");
}

TEST_CASE("a saved run of another plan or of another size is refused") {
  std::vector<double> x(4), y(4), z(5);
  const dd::shared_plan p = dd::compile(dd::dpmpp_2m{}, levels, dd::v_model{}), q = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{});
  dd::sampler<double> a(p, x), b(q, y), c(p, z);
  const std::string other = refusal(dd::errc::bad_call, [&] { b.restore(a.save()); });
  CHECK(other == "restore: the saved run is of plan " + std::to_string(p->fingerprint()) + ", needs one of this plan, " + std::to_string(q->fingerprint()));
  CHECK(refusal(dd::errc::bad_shape, [&] { c.restore(a.save()); }) == "restore: size of saved array 0 is 32 bytes, needs 40, 5 elements of float64");
}

TEST_CASE("recorded noise that does not do is refused") {
  const dd::shared_plan p = dd::compile(dd::ddim{.eta = 1}, levels, dd::v_model{});
  REQUIRE(p->noises() == 4);
  const std::vector<double> values(31);
  std::vector<double> x(8);
  const auto noise = [&](std::size_t sample_size, std::size_t samples) {
    return refusal(dd::errc::bad_noise, [&] { dd::sampler s(p, x, {.batch = 2}, dd::recorded_noise<double>{values, sample_size, samples}); });
  };
  CHECK(noise(4, 2) == "recorded_noise: number of values is 31, needs 32 (4 arrays)");
  CHECK(noise(8, 1) == "recorded_noise: it is of 1 samples of 8, needs 2 samples of 4");
}

TEST_CASE("a denoiser of the wrong form for guidance or lanes is refused") {
  std::vector<double> x(4);
  const auto one = [](std::span<const double>, const dd::level<>&, std::span<double>) {};
  CHECK(refusal(dd::errc::bad_model, [&] { dd::sample(dd::ddim{}, levels, dd::guided(dd::eps(one), dd::classifier_free(2)), x); }) ==
        "sample: guidance has 2 outputs, needs a denoiser net(x, at, out, which) or net(call, outs)");
  const dd::fixed<dd::lanes> two({levels, levels}, {.stride = 2, .count = 2});
  CHECK(refusal(dd::errc::bad_model, [&] { dd::sample(dd::ddim{}, two, dd::eps(one), x); }) ==
        "sample: number of lanes is 2, needs a denoiser net(x, levels, out) or net(call, outs)");
}

TEST_CASE("starts of the wrong size are refused") {
  std::vector<double> x(7), image(6);
  CHECK(refusal(dd::errc::bad_shape, [&] { dd::fill_with_noise(x, levels.front(), dd::philox{}, 2); }) == "fill_with_noise: batch is 2, needs a divisor of the size of x, 7");
  CHECK(refusal(dd::errc::bad_shape, [&] { dd::fill_with_noise(x, levels.front(), dd::philox{}, 0); }) == "fill_with_noise: batch is 0, needs a divisor of the size of x, 7");
  CHECK(refusal(dd::errc::bad_shape, [&] { dd::noise_image(x, image, levels.front()); }) == "noise_image: size of image is 6, needs 7, the size of x");
}

TEST_CASE("a coefficient that is not finite is refused with the step it belongs to") {
  const dd::grid from_noise = dd::uniform_time(dd::flow{}, {.from = 1, .to = 0.5, .count = 2});
  const std::string why = refusal(dd::errc::bad_model, [&] { dd::compile(dd::euler{}, from_noise, dd::eps_model{}); });
  CHECK_THAT(why, diffode_test::starts_with("euler: a coefficient of step 0 (lambda -inf to -1.09861228866810"));
  CHECK_THAT(why, diffode_test::contains(", alpha 0 to 0.25, sigma 1 to 0.75) is inf, needs a finite number: "));
  CHECK_THAT(why, diffode_test::contains("predict something else there, or move that end of the grid"));
}

TEST_CASE("every refusal comes as a value too") {
  const auto refused = dd::try_compile(dd::unipc{.p = 7}, levels, dd::eps_model{});
  REQUIRE_FALSE(refused);
  CHECK(std::string(refused.reason()->what()) == "unipc: order p is 7, needs 1 to 4");
  std::vector<double> x(7);
  const auto unmade = dd::sampler<double>::try_make(dd::compile(dd::ddim{}, levels, dd::eps_model{}), x, {.batch = 2});
  REQUIRE_FALSE(unmade);
  CHECK(std::string(unmade.reason()->what()) == "sampler: batch is 2, needs a divisor of the size of x, 7");
}
