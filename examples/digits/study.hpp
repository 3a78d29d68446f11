// SPDX-License-Identifier: MIT
#pragma once

#include "network.hpp"

#include <diffode/diffode.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace digits {

namespace dd = diffode;

/// The methods of the demo, by value: a method is only formulas, so a variant is all that "by name" takes. Heun goes
/// straight in time and not in sigma/alpha, which is 150 and more at pure noise: too far for so few steps.
using any_method = std::variant<dd::ddim, dd::euler, dd::heun, dd::dpmpp_2m, dd::dpmpp_3m, dd::unipc>;

inline const std::vector<std::pair<std::string, any_method>>& known_methods() {
  static const std::vector<std::pair<std::string, any_method>> all{
      {"ddim", dd::ddim{}},         {"euler", dd::euler{}},       {"heun", dd::heun{.along = dd::axis::time}},
      {"dpmpp_2m", dd::dpmpp_2m{}}, {"dpmpp_3m", dd::dpmpp_3m{}}, {"unipc", dd::unipc{.p = 3}}};
  return all;
}

/// One trained network, on the path that it was trained on.
struct subject {
  std::string name;
  network net;
  dd::noise_path path;
  bool predicts_flow;

  /// From pure noise to clean data, equidistant in time.
  dd::grid levels(int steps) const { return dd::uniform_time(path, {.from = 1, .to = 0, .count = steps}); }
};

/// What to draw: `count` images, image k of digit k % 10 and from the same noise whatever the method.
struct task {
  std::size_t count = 100;
  std::uint64_t seed = 1;
  double guidance = 2;
};

struct drawing {
  std::vector<float> images;  ///< count x 64
  int evaluations = 0;
  double model_ms = 0, outside_ms = 0;
};

/// The network as diffode wants it: both outputs of an evaluation at once, images split over the processors.
class denoiser {
 public:
  denoiser(const network& net, std::size_t count) : net_(net) {
    for (std::size_t k = 0; k < count; ++k) digits_.push_back(static_cast<int>(k % 10));
    none_.assign(count, no_class);
  }

  void operator()(const dd::request<float>& call, std::span<const std::span<float>> outs) {
    const auto start = std::chrono::steady_clock::now();
    if (call.wants(0)) evaluate(call, digits_, outs[0]);
    if (outs.size() > 1 && call.wants(1)) evaluate(call, none_, outs[1]);
    model_ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

  double model_ms = 0;

 private:
  void evaluate(const dd::request<float>& call, std::span<const int> labels, std::span<float> out) const {
    const std::size_t threads = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t share = (labels.size() + threads - 1) / threads;
    std::vector<std::jthread> others;
    for (std::size_t first = 0; first < labels.size(); first += share) {
      const std::size_t n = std::min(share, labels.size() - first);
      others.emplace_back([=, this] {
        net_(call.x.subspan(first * image_size, n * image_size), call.label, labels.subspan(first, n),
             out.subspan(first * image_size, n * image_size));
      });
    }
  }

  const network& net_;
  std::vector<int> digits_, none_;
};

/// The form of the subject's model, guided.
template <class Use>
auto with_form(const subject& s, const task& t, Use use) {
  const dd::guidance mix = dd::classifier_free(t.guidance);
  return s.predicts_flow ? use(dd::guided(dd::flow_model{}, mix)) : use(dd::guided(dd::eps_model{}, mix));
}

/// The most steps that cost at most `evaluations`; 0 if even one costs more.
inline int steps_within(const subject& s, const any_method& how, int evaluations) {
  const auto cost = [&](int steps) {
    return std::visit([&](const auto& m) { return dd::compile(m, s.levels(steps), dd::v_model{}).calls(); }, how);
  };
  int steps = 0;
  while (cost(steps + 1) <= evaluations) ++steps;
  return steps;
}

inline std::vector<float> start_noise(const task& t, const dd::grid& levels) {
  std::vector<float> x(t.count * image_size);
  dd::fill_with_noise(x, levels.front(), dd::philox{.seed = t.seed}, t.count);
  return x;
}

/// Draws in push style: diffode calls the network.
inline drawing draw(const subject& s, const task& t, const any_method& how, int steps) {
  const dd::grid levels = s.levels(steps);
  drawing d{.images = start_noise(t, levels)};
  denoiser net(s.net, t.count);
  const auto start = std::chrono::steady_clock::now();
  with_form(s, t, [&](auto form) {
    const auto call = [&](const dd::request<float>& r, std::span<const std::span<float>> outs) { net(r, outs); };
    const dd::model<decltype(form), decltype(call)> m{form, call};
    d.evaluations = std::visit([&](const auto& method) { return dd::sample(method, levels, m, d.images, {.batch = t.count}).calls; }, how);
  });
  const double all_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  d.model_ms = net.model_ms;
  d.outside_ms = all_ms - net.model_ms;
  return d;
}

/// The same in pull style: this loop calls the network.
inline std::vector<float> draw_by_pulling(const subject& s, const task& t, const any_method& how, int steps) {
  const dd::grid levels = s.levels(steps);
  std::vector<float> x = start_noise(t, levels), conditional(x.size()), unconditional(x.size());
  denoiser net(s.net, t.count);
  const std::span<float> outs[] = {conditional, unconditional};
  with_form(s, t, [&](auto form) {
    std::visit([&](const auto& method) {
      auto run = dd::sampler(method, levels, form, x, {.batch = t.count});
      while (const auto call = run.next()) {
        net(*call, outs);
        run.feed({conditional, unconditional});
      }
    }, how);
  });
  return x;
}

/// Root of the mean square difference, in grey units of an image (-1 to 1).
inline double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += d * d;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace digits
