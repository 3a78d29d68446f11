// SPDX-License-Identifier: MIT
//
// Statistics of a model without exceptions: measured, finished, written, read back and refused, all by value.
#include "diffode/statistics.hpp"

#include "diffode/model/parameterisation.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "diffode/statistics/npz_folder.hpp"
#include "diffode/statistics/statistics_file.hpp"
#include "diffode/statistics/sums_file.hpp"
#include "noexcept/expect.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dd = diffode;
using diffode_test::expect, diffode_test::failures;

namespace {

/// Normal data of variance 1/4.
void data(std::uint32_t k, std::span<double> x0) {
  dd::philox{.seed = 5}.fill(k, 0, 0, x0);
  for (double& v : x0) v *= 0.5;
}

bool equal(const dd::measured_statistics& a, const dd::measured_statistics& b) { return a.lambda == b.lambda && a.l == b.l && a.s == b.s && a.b == b.b; }

dd::finished_statistics measured(const dd::statistics_options& o) {
  const auto net = [](std::span<const double> x, const dd::statistics_call& call, std::span<double> out) {
    const dd::level<>& at = call.at;
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.sigma * x[i] / (0.25 * at.alpha * at.alpha + at.sigma * at.sigma);
  };
  auto model = dd::try_differences(dd::vp_linear{}, dd::eps_model{}, net);
  auto sums = dd::statistics_sums::try_make(o, "normal data");
  expect(model && sums, "model and sums are made");
  const auto whole = dd::try_measure(sums.value(), data, model.value());
  expect(whole && whole.value(), "all is measured");
  const auto read = dd::try_sums_of(dd::bytes_of(sums.value()), "sums");
  expect(read && dd::bytes_of(read.value()) == dd::bytes_of(sums.value()), "sums are read back");
  return dd::try_finish(read.value(), {.smooth_l = 0}).value();
}

void files(const dd::finished_statistics& all) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("diffode_noexcept_" + std::to_string(std::random_device{}()));
  expect(!dd::try_save_npz(all, folder), "a folder is written");
  expect(!dd::try_save(static_cast<const dd::measured_statistics&>(all), folder / "a.safetensors"), "a file is written");
  const auto pair = dd::try_load_npz_statistics(folder), one = dd::try_load_statistics(folder / "a.safetensors");
  expect(pair && equal(pair.value(), all), "the folder is read back");
  expect(one && equal(one.value(), all), "the file is read back");
  std::filesystem::remove_all(folder);
  expect(dd::try_load_statistics(folder / "a.safetensors").reason(), (folder / "a.safetensors").string() + ": cannot be opened, needs a file that can be read");
  // Of what others have damaged nothing is thrown by the JSON and zip libraries either.
  const std::string good = dd::safetensors_of(all);
  for (std::size_t length = 0; length < good.size(); length += 7)
    expect(!dd::try_statistics_of_safetensors(std::string_view(good).substr(0, length), "a"), "a file cut short is refused");
  expect(!dd::try_statistics_of_npz(good, good, "a"), "what is no archive is refused");
}

}  // namespace

int main() {
  const dd::statistics_options o{.from = -2, .to = 2, .steps = 20, .elements = 2, .columns = 1, .samples = 40, .block = 8};
  const dd::finished_statistics all = measured(o);
  for (std::size_t i = 0; i < all.lambda.size(); ++i) {
    // Of normal data l is the same whatever the noise, up to the error of differences.
    const double l = 1 / (1 + 0.25 * std::exp(2 * all.lambda[i]));
    expect(std::abs(all.l[i] - l) < 1e-8, "l is that of the closed form");
  }
  expect(static_cast<bool>(all.try_table()), "a table is made");
  files(all);
  expect(dd::statistics_sums::try_make({.from = 1, .to = 0}).reason(), "statistics_options: to is 0, needs a finite lambda above from, 1");
  auto empty = dd::statistics_sums::try_make(o);
  expect(dd::try_finish(empty.value()).reason(), "statistics_sums: blocks are 0 of 5, needs all: measure or merge the others first");
  return failures == 0 ? 0 : 1;
}
