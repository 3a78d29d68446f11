// SPDX-License-Identifier: MIT
#pragma once

#include "network.hpp"
#include "real_digits.hpp"

#include <diffode/model/parameterisation.hpp>
#include <diffode/noise/philox.hpp>
#include <diffode/schedule/flow.hpp>
#include <diffode/schedule/vp_linear.hpp>
#include <diffode/statistics/model.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace statistics_tool {

namespace dd = diffode;

/// What the tool has to know of a model besides how to evaluate it.
struct subject {
  std::size_t elements;
  double from, to;  ///< lambdas, if none are given
};

/// Images of the digits example with their labels, again and again.
class digits_data {
 public:
  explicit digits_data(const std::filesystem::path& folder) : all_(digits::load_real_digits(folder / "held_out.safetensors")) {}

  void operator()(std::uint32_t k, std::span<double> x0) const {
    const std::size_t from = k % all_.labels.size() * digits::image_size;
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] = static_cast<double>(all_.images[from + i]);
  }
  int label(std::uint32_t k) const { return all_.labels[k % all_.labels.size()]; }

 private:
  digits::labelled_images all_;
};

/// A trained network, told what digit each image is; the images of a call are split over the processors.
class digits_net {
 public:
  digits_net(const digits::network& net, const digits_data& data) : net_(&net), data_(&data) {}

  void operator()(std::span<const float> x, const dd::statistics_call& call, std::span<float> out) const {
    std::vector<int> labels;
    for (std::uint32_t k = 0; k < call.count; ++k) labels.push_back(data_->label(call.first + k));
    const std::size_t threads = std::max(1u, std::thread::hardware_concurrency()), share = (labels.size() + threads - 1) / threads;
    std::vector<std::jthread> others;
    for (std::size_t first = 0; first < labels.size(); first += share) {
      const std::size_t n = std::min(share, labels.size() - first), begin = first * digits::image_size, size = n * digits::image_size;
      others.emplace_back([=, this, part = std::span<const int>(labels).subspan(first, n)] {
        (*net_)(x.subspan(begin, size), call.at.label, part, out.subspan(begin, size));
      });
    }
  }

 private:
  const digits::network* net_;
  const digits_data* data_;
};

/// Numbers from two normals, and what the perfect model says of them.
struct mixture {
  struct part {
    double weight, mean, deviation;
  };
  std::array<part, 2> parts{{{0.3, -1, 0.2}, {0.7, 0.5, 0.3}}};

  /// Data of its own seed: sample k is always the same.
  void operator()(std::uint32_t k, std::span<double> x0) const {
    std::array<double, 2> z;
    dd::philox{.seed = 0x6d697874}.fill(k, 0, 0, std::span<double>(z));
    const part& p = std::erfc(-z[0] / std::sqrt(2.0)) / 2 < parts[0].weight ? parts[0] : parts[1];
    x0[0] = p.mean + p.deviation * z[1];
  }

  void eps(std::span<const double> x, const dd::statistics_call& call, std::span<double> out) const {
    const dd::level<>& at = call.at;
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::array<double, 2> exponent, slope;
      for (std::size_t k = 0; k < 2; ++k) {
        const part& p = parts[k];
        const double v = std::pow(at.alpha * p.deviation, 2) + at.sigma * at.sigma, off = x[i] - at.alpha * p.mean;
        exponent[k] = std::log(p.weight) - std::log(v) / 2 - off * off / (2 * v);
        slope[k] = at.sigma * off / v;
      }
      const double second = 1 / (1 + std::exp(exponent[0] - exponent[1]));
      out[i] = (1 - second) * slope[0] + second * slope[1];
    }
  }
};

/// Calls use(subject, data, model) for the model of that name. This is where a model of your own would be added.
template <class Use>
auto with_model(const std::string& name, const std::filesystem::path& folder, Use use) {
  if (name == "mixture") {
    const mixture data;
    auto model = dd::differences(dd::vp_linear{}, dd::eps_model{}, [&](auto x, const auto& call, auto out) { data.eps(x, call, out); });
    return use(subject{.elements = 1, .from = -5, .to = 4.5}, data, model);
  }
  const digits_data data(folder);
  const digits::network net = digits::network::load(folder / (name == "digits-eps" ? "eps.safetensors" : "flow.safetensors"));
  if (name == "digits-eps") {
    const dd::vp_linear path;
    auto model = dd::differences<float>(path, dd::eps_model{}, digits_net(net, data));
    return use(subject{.elements = digits::image_size, .from = path.at(1).lambda, .to = path.at(1e-3).lambda}, data, model);
  }
  const dd::flow path;
  auto model = dd::differences<float>(path, dd::flow_model{}, digits_net(net, data));
  return use(subject{.elements = digits::image_size, .from = path.at(0.999).lambda, .to = path.at(1e-3).lambda}, data, model);
}

inline const std::vector<std::string>& known_models() {
  static const std::vector<std::string> all{"digits-eps", "digits-flow", "mixture"};
  return all;
}

}  // namespace statistics_tool
