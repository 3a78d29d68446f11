// SPDX-License-Identifier: MIT
//
// docs/dpm_v3.md: statistics of a model of your own, by differences and with a Jacobian-vector product.
#include <diffode/diffode.hpp>
#include <diffode/statistics.hpp>
#include <diffode/statistics/statistics_file.hpp>
#include <diffode/statistics/sums_file.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t elements = 4;
bool stopped = false;

/// The deviation of element k of the data, which are normal with mean 0.
double deviation(std::size_t k) { return 0.25 * static_cast<double>(1 + k); }
double slope(const dd::level<>& at, std::size_t k) { return at.sigma / (std::pow(at.alpha * deviation(k), 2) + at.sigma * at.sigma); }

struct {
  void read(std::uint32_t k, std::span<double> x0) const {
    dd::philox{.seed = 7}.fill(k, 0, 0, x0);
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] *= deviation(i);
  }
} images;

struct {
  template <class T>
  void forward(std::span<const T> x, const dd::level<>& at, std::span<T> out) const {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<T>(slope(at, i % elements) * static_cast<double>(x[i]));
  }
} engine;

}  // namespace

int main() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("diffode_doc_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  const std::filesystem::path state = folder / "model.sums", file = folder / "model.safetensors";

  const dd::vp_linear path;
  const auto data = [&](std::uint32_t k, std::span<double> x0) { images.read(k, x0); };
  const auto net = [&](std::span<const float> x, const dd::statistics_call& call, std::span<float> out) { engine.forward(x, call.at, out); };
  auto model = dd::differences<float>(path, dd::eps_model{}, net);

  dd::statistics_sums sums = dd::statistics_sums::make({.from = -5, .to = 4.5, .steps = 120, .elements = elements, .columns = elements, .samples = 128}, "my model, my data");
  if (exists(state)) sums.merge(dd::load_sums(state));
  const bool whole = dd::measure(sums, data, model, {.index = 0, .of = 1}, [&](const dd::statistics_progress& p) {
    if (p.row == 0) dd::save(p.sums, state);
    return !stopped;
  });
  if (whole) dd::save(dd::finish(sums), file);

  const dd::model_statistics statistics = dd::load_statistics(file).table();

  // The same with a derivative of the network's own: this one is linear in x.
  const auto double_net = [&](std::span<const double> x, const dd::statistics_call& call, std::span<double> out) { engine.forward(x, call.at, out); };
  const auto jvp = [&](std::span<const double> x, const dd::statistics_call& call, std::span<const double> dx, double dlabel, std::span<double> out, std::span<double> dout) {
    const dd::level<> before = path.at(call.at.label - 1e-5), after = path.at(call.at.label + 1e-5);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t k = i % elements;
      out[i] = slope(call.at, k) * x[i];
      dout[i] = slope(call.at, k) * dx[i] + (slope(after, k) - slope(before, k)) / 2e-5 * dlabel * x[i];
    }
  };
  auto exact = dd::with_jvp(path, dd::eps_model{}, double_net, jvp);
  dd::statistics_sums again = dd::statistics_sums::make(sums.options());
  dd::measure(again, data, exact);
  const dd::finished_statistics other = dd::finish(again, {.smooth_l = 0});
  std::filesystem::remove_all(folder);

  bool right = statistics.columns() == elements && other.flat == other.s.size();
  for (std::size_t i = 0; i < other.lambda.size(); ++i)
    for (std::size_t k = 0; k < elements; ++k) {
      const double l = 1 / (1 + std::pow(deviation(k) * std::exp(other.lambda[i]), 2));
      right = right && std::abs(other.l[i * elements + k] - l) < 1e-12;
    }
  return right ? 0 : 1;
}
