// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/fingerprint.hpp"
#include "../shared/mixture.hpp"
#include "network.hpp"
#include "real_digits.hpp"

#include <diffode/model/parameterisation.hpp>
#include <diffode/schedule/flow.hpp>
#include <diffode/schedule/vp_linear.hpp>
#include <diffode/statistics/model.hpp>

#include <algorithm>
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
  double from, to;     ///< lambdas, if none are given
  std::string source;  ///< which weights and data it was read from; sums of others are refused. Empty where it was read from none
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

/// Calls use(subject, data, model) for the model of that name. This is where a model of your own would be added.
template <class Use>
auto with_model(const std::string& name, const std::filesystem::path& folder, Use use) {
  if (name == "mixture") {
    const diffode_tools::mixture normals = diffode_tools::two_normals();
    const auto data = [&](std::uint32_t k, std::span<double> x0) { normals.draw(k, x0); };
    auto model = dd::differences(dd::vp_linear{}, dd::eps_model{}, [&](auto x, const auto& call, auto out) { normals.eps(x, call.at, out); });
    return use(subject{.elements = 1, .from = -5, .to = 4.5, .source = {}}, data, model);
  }
  const digits_data data(folder);
  const char* const weights = name == "digits-eps" ? "eps.safetensors" : "flow.safetensors";
  const digits::network net = digits::network::load(folder / weights);
  const std::string source = diffode_tools::fingerprints(folder, {weights, "held_out.safetensors"});
  if (name == "digits-eps") {
    const dd::vp_linear path;
    auto model = dd::differences<float>(path, dd::eps_model{}, digits_net(net, data));
    return use(subject{.elements = digits::image_size, .from = path.at(1).lambda, .to = path.at(1e-3).lambda, .source = source}, data, model);
  }
  const dd::flow path;
  auto model = dd::differences<float>(path, dd::flow_model{}, digits_net(net, data));
  return use(subject{.elements = digits::image_size, .from = path.at(0.999).lambda, .to = path.at(1e-3).lambda, .source = source}, data, model);
}

inline const std::vector<std::string>& known_models() {
  static const std::vector<std::string> all{"digits-eps", "digits-flow", "mixture"};
  return all;
}

}  // namespace statistics_tool
