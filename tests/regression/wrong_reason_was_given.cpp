// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <span>
#include <string>
#include <vector>

namespace {

namespace dd = diffode;

std::string why(const auto& result) { return result ? "" : result.reason()->what(); }

struct adds_one {
  static constexpr const char* name = "adds_one";
  static constexpr dd::prediction target = dd::prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  static dd::fault check() { return {}; }
  template <dd::coefficient R>
  dd::value step(dd::recorder<R>& r, const dd::level<R>& s, const dd::level<R>&) const {
    return r.sum({{r.predict(r.state(), s), 1}, {r.one(), 1}});
  }
};

}  // namespace

TEST_CASE("noise on a reversed grid is refused for what it is") {
  const dd::grid up = dd::uniform_lambda(dd::vp_linear{}, {.from = 1e-3, .to = 1, .count = 4});
  CHECK(why(dd::try_compile(dd::ddim{.eta = 1}, up, dd::eps_model{})) ==
        "ddim: eta is 1 on a step towards noise, needs 0: noise is drawn anew only where some is taken away");
  CHECK(why(dd::try_compile(dd::ddim{}, up, dd::eps_model{})).empty());
}

TEST_CASE("an end of a sigma grid that the schedule does not have is asked for") {
  CHECK(why(dd::try_karras(dd::vp_linear{}, {.count = 10})) ==
        "karras: sigma_min is left out, and vp_linear goes down to 0, needs one given, above 0");
  CHECK(why(dd::try_karras(dd::flow{}, {.sigma_min = 0.01, .count = 10})) ==
        "karras: sigma_max is left out, and flow goes up to inf, needs one given");
}

TEST_CASE("a wrapped model's own numbers are checked") {
  const dd::grid down = dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4});
  CHECK(why(dd::try_compile(dd::ddim{}, down, dd::vp_input<dd::edm_model>{{.sigma_data = -1}})) ==
        "edm_model: sigma_data is -1, needs a finite number above 0");
}

TEST_CASE("a generic lambda may be a denoiser") {
  const dd::grid down = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 4});
  std::vector<float> x(8, 1.0F);
  const auto net = [](auto in, const auto& at, auto out) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] * static_cast<float>(at.label);
  };
  CHECK(dd::sample(dd::ddim{}, down, dd::eps(net), x).outcome == dd::status::finished);
}

TEST_CASE("a plan may be made over any control, and a method may add a constant") {
  const dd::fixed<double> walk(dd::uniform_time(dd::flow{}, {.from = 1, .to = 0, .count = 2}));
  std::vector<double> x(3, 9.0);
  const auto net = [](std::span<const double>, const dd::level<>&, std::span<double> out) { out[0] = out[1] = out[2] = 2; };
  dd::sample(adds_one{}, walk, dd::x0(net), x);
  CHECK(x == std::vector<double>(3, 3.0));
}
