// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/fingerprint.hpp"
#include "../shared/mixture.hpp"
#include "frechet.hpp"
#include "real_digits.hpp"
#include "study.hpp"

#include <diffode/diffode.hpp>

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// The models that plans are tuned to and compared on here. A model of your own is one more branch of with_subject.
namespace diffode_tune {

namespace dd = diffode;

/// The levels between which all runs go. Without the ends, where lambda is infinite: what a grid does there would hide what a method
/// does.
struct span_of_levels {
  dd::noise_path path;
  double from = 0.99, to = 0.01;
};

/// model    for samples one after another, of `size` numbers each
/// frechet  squared Frechet distance of samples to the data
/// apart    the same model with a level for each sample, as time shift needs it
/// data     that many samples of the data, or as many as there are, one after another
/// files    fingerprints of the weights and images that it was read from; empty where it was read from none
template <class T, class Form, class Net>
struct subject {
  std::string name;
  span_of_levels on;
  dd::model<Form, Net> model;
  std::size_t size;
  std::function<double(std::span<const T>)> frechet;
  std::function<void(std::span<const T>, std::span<const dd::level<>>, std::span<T>)> apart;
  std::function<std::vector<T>(std::size_t)> data;
  std::string files{};

  /// `count` start states, the same for the same seed.
  std::vector<T> starts(std::size_t count, std::uint64_t seed) const {
    std::vector<T> x(count * size);
    dd::fill_with_noise(x, on.path.at(on.from), dd::philox{.seed = seed}, count);
    return x;
  }
};

/// A network of examples/digits: image k is of digit k % 10. The images of a call are split over the processors.
class digits_call {
 public:
  explicit digits_call(const digits::network& net) : net_(&net) {}
  void operator()(const dd::request<float>& call, std::span<const std::span<float>> outs) const {
    digits::denoiser(*net_, call.x.size() / digits::image_size)(call, outs);
  }

 private:
  const digits::network* net_;
};

/// The perfect model of a mixture.
class mixture_call {
 public:
  explicit mixture_call(const diffode_tools::mixture& data) : data_(&data) {}
  void operator()(std::span<const double> x, const dd::level<>& at, std::span<double> out) const { data_->eps(x, at, out); }

 private:
  const diffode_tools::mixture* data_;
};

/// Mean and covariance of a mixture's data, noised to a level.
inline dd::point_moments moments_of(const diffode_tools::mixture& data, const dd::level<>& at) {
  const Eigen::Index n = static_cast<Eigen::Index>(data.size());
  dd::point_moments m{Eigen::VectorXd::Zero(n), Eigen::MatrixXd::Zero(n, n)};
  double whole = 0;
  for (const auto& p : data.parts) {
    const Eigen::VectorXd mean = at.alpha * Eigen::Map<const Eigen::VectorXd>(p.mean.data(), n);
    whole += p.weight;
    m.mean += p.weight * mean;
    m.covariance += p.weight * (mean * mean.transpose() + diffode_tools::mixture::variance(p, at) * Eigen::MatrixXd::Identity(n, n));
  }
  m.mean /= whole;
  m.covariance = m.covariance / whole - m.mean * m.mean.transpose();
  return m;
}

inline const std::vector<std::string>& known_models() {
  static const std::vector<std::string> all{"digits-eps", "digits-flow", "mixture", "ring", "cloud"};
  return all;
}

/// Calls use(subject) for the model of that name.
template <class Use>
auto with_subject(const std::string& name, const std::filesystem::path& folder, Use use) {
  if (!name.starts_with("digits")) {
    const diffode_tools::mixture data = name == "ring" ? diffode_tools::ring() : name == "cloud" ? diffode_tools::cloud() : diffode_tools::two_normals();
    const span_of_levels on{dd::vp_linear{}};
    const auto distance = dd::frechet_distance::to_moments(moments_of(data, on.path.at(on.to)));
    const auto perfect = dd::eps(mixture_call(data));
    const auto apart = [data](std::span<const double> x, std::span<const dd::level<>> at, std::span<double> out) {
      const std::size_t n = data.size();
      for (std::size_t k = 0; k < at.size(); ++k) data.eps(x.subspan(k * n, n), at[k], out.subspan(k * n, n));
    };
    const auto drawn = [data](std::size_t count) {
      std::vector<double> x(count * data.size());
      for (std::size_t k = 0; k < count; ++k) data.draw(static_cast<std::uint32_t>(k), std::span(x).subspan(k * data.size(), data.size()));
      return x;
    };
    return use(subject<double, decltype(perfect.form), mixture_call>{name, on, perfect, data.size(), distance, apart, drawn, {}});
  }
  const bool flow = name == "digits-flow";
  const char* const weights = flow ? "flow.safetensors" : "eps.safetensors";
  const digits::network net = digits::network::load(folder / weights);
  const digits::labelled_images held_out = digits::load_real_digits(folder / "held_out.safetensors");
  const std::string files = diffode_tools::fingerprints(folder, {weights, "held_out.safetensors"});
  const auto distance = digits::frechet_to(held_out);
  const digits_call call(net);
  const auto apart = [&net](std::span<const float> x, std::span<const dd::level<>> at, std::span<float> out) {
    for (std::size_t k = 0; k < at.size(); ++k) {
      const int digit[] = {static_cast<int>(k % 10)};
      net(x.subspan(k * digits::image_size, digits::image_size), at[k].label, digit, out.subspan(k * digits::image_size, digits::image_size));
    }
  };
  // As the model takes them: image k is of digit k % 10.
  const auto in_turn = [&held_out](std::size_t count) {
    std::vector<float> x;
    std::array<std::size_t, 10> next{};
    for (std::size_t k = 0; k < count; ++k) {
      std::size_t& i = next[k % 10];
      while (i < held_out.labels.size() && static_cast<std::size_t>(held_out.labels[i]) != k % 10) ++i;
      if (i == held_out.labels.size()) break;
      const auto first = held_out.images.begin() + static_cast<std::ptrdiff_t>(i++ * digits::image_size);
      x.insert(x.end(), first, first + static_cast<std::ptrdiff_t>(digits::image_size));
    }
    return x;
  };
  const auto with = [&]<class Form>(const Form& form, const dd::noise_path& path) {
    return use(subject<float, Form, digits_call>{name, {path}, dd::model<Form, digits_call>{form, call}, digits::image_size, distance, apart, in_turn, files});
  };
  if (flow) return with(dd::as_form(dd::flow_model{}), dd::flow{});
  return with(dd::as_form(dd::eps_model{}), dd::vp_linear{});
}

}  // namespace diffode_tune
