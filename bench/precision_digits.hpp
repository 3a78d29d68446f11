// SPDX-License-Identifier: MIT
#pragma once

#include "precision_methods.hpp"

#include "frechet.hpp"
#include "network.hpp"
#include "real_digits.hpp"
#include "study.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace diffode_bench {

/// One of the two trained networks of examples/digits. Image k is of digit k % 10 and starts from the same noise always.
class digits_model {
 public:
  digits_model(const std::filesystem::path& data, const std::string& name, std::size_t images, int fine_steps)
      : name_("digits " + name), what_{.count = images}, net_(load(data, name)), frechet_(digits::frechet_to(digits::load_real_digits(data / "held_out.safetensors"))) {
    const auto unipc = [&](const dd::grid& g) -> dd::result<dd::plan> {
      return net_.predicts_flow ? dd::try_compile(dd::unipc{.p = 3}, g, dd::flow_model{}) : dd::try_compile(dd::unipc{.p = 3}, g, dd::eps_model{});
    };
    fine_ = images_of(unipc(levels(fine_steps)).value());
  }

  /// Deterministic methods: distance to the fine solution of the same equation. All: how near the images are to real ones.
  std::vector<result_point> points(const candidate& c, const std::vector<int>& budgets) const {
    std::vector<result_point> all;
    for (const int budget : budgets) {
      const auto made = plan_within(net_.predicts_flow ? c.on_flow : c.on_eps, [&](int steps) { return levels(steps); }, budget);
      if (!made) continue;
      const std::vector<float> images = images_of(*made);
      const bool random = made->draws_noise();
      if (!random) all.push_back({name_, c.name, "distance to the fine solution", random, budget, made->calls(), made->steps(), digits::distance(images, fine_)});
      all.push_back({name_, c.name, "squared Frechet distance to real digits", random, budget, made->calls(), made->steps(), frechet_(std::span<const float>(images))});
    }
    return all;
  }

 private:
  static digits::subject load(const std::filesystem::path& data, const std::string& name) {
    const bool flow = name == "flow";
    return {name, digits::network::load(data / (name + ".safetensors")), flow ? dd::noise_path(dd::flow{}) : dd::noise_path(dd::vp_linear{}), flow};
  }

  /// Without the ends, where lambda is infinite and what a grid does there would hide what a method does.
  dd::grid levels(int steps) const { return dd::uniform_lambda(net_.path, {.from = 0.99, .to = 0.01, .count = steps}); }

  std::vector<float> images_of(const dd::plan& made) const {
    std::vector<float> x = digits::start_noise(what_, levels(1)), out(x.size());
    digits::denoiser net(net_.net, what_.count);
    const std::span<float> outs[] = {out};
    dd::sampler<float> run(made, x, {.batch = what_.count});
    while (const auto call = run.next()) {
      net(*call, outs);
      run.feed(out);
    }
    return x;
  }

  std::string name_;
  digits::task what_;
  digits::subject net_;
  dd::frechet_distance frechet_;
  std::vector<float> fine_;
};

}  // namespace diffode_bench
