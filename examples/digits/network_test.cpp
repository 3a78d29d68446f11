// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "network.hpp"
#include "real_digits.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

const std::filesystem::path data = DIFFODE_DIGITS_DATA;

/// What PyTorch was given and what it returned, for one of the networks.
struct cases {
  std::vector<double> times;
  std::vector<int> labels;
  std::vector<float> x, output;
};

cases read_cases(const std::string& prediction) {
  const auto file = digits::tensor_file::load(data / "expected.safetensors");
  const std::vector<float>& times = file.at_rank("t", 1).values;
  const std::vector<float>& labels = file.at("labels", {times.size()}).values;
  return {.times = {times.begin(), times.end()},
          .labels = {labels.begin(), labels.end()},
          .x = file.at(prediction + ".x", {times.size(), 64}).values,
          .output = file.at(prediction + ".output", {times.size(), 64}).values};
}

/// Largest difference; infinite when a value is not a number.
float distance(std::span<const float> a, std::span<const float> b) {
  float largest = 0.0f;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    if (std::isnan(difference)) return std::numeric_limits<float>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace

TEST_CASE("both networks give PyTorch's outputs") {
  const std::string prediction = GENERATE("eps", "flow");
  CAPTURE(prediction);
  const auto net = digits::network::load(data / (prediction + ".safetensors"));
  CHECK(net.prediction() == prediction);
  const cases expected = read_cases(prediction);
  CHECK(std::count(expected.labels.begin(), expected.labels.end(), digits::no_class) > 0);
  std::vector<float> output(expected.x.size());
  net(expected.x, expected.times, expected.labels, output);
  CHECK(distance(output, expected.output) <= 1e-4f);
}

TEST_CASE("an image's output does not depend on the batch around it") {
  const auto net = digits::network::load(data / "flow.safetensors");
  const cases expected = read_cases("flow");
  for (std::size_t i = 0; i < expected.labels.size(); ++i) {
    CAPTURE(i);
    const auto x = std::span(expected.x).subspan(64 * i, 64);
    std::vector<float> output(64);
    net(x, expected.times[i], std::span(expected.labels).subspan(i, 1), output);
    CHECK(distance(output, std::span(expected.output).subspan(64 * i, 64)) <= 1e-4f);
  }
}

TEST_CASE("the output may overwrite the input") {
  const auto net = digits::network::load(data / "eps.safetensors");
  const cases expected = read_cases("eps");
  std::vector<float> x = expected.x;
  net(x, expected.times, expected.labels, x);
  CHECK(distance(x, expected.output) <= 1e-4f);
}

TEST_CASE("an empty batch is no work") {
  const auto net = digits::network::load(data / "eps.safetensors");
  CHECK_NOTHROW(net({}, 0.5, {}, {}));
}

TEST_CASE("sizes that do not fit and labels out of range are refused") {
  using diffode_test::contains;
  const auto net = digits::network::load(data / "eps.safetensors");
  std::vector<float> x(128), out(128);
  const std::vector<int> one{3}, two{3, 4}, eleven{3, 11}, negative{-1, 3};
  const std::vector<double> times{0.1, 0.2, 0.3};
  CHECK_THROWS_WITH(net(x, 0.5, one, out), contains("x has 128 elements, 1 labels need 64"));
  CHECK_THROWS_WITH(net(x, 0.5, two, std::span(out).first(64)),
                    contains("out has 64 elements, 2 labels need 128"));
  CHECK_THROWS_WITH(net(x, times, two, out), contains("times has 3 elements, 2 labels need 2"));
  CHECK_THROWS_WITH(net(x, 0.5, eleven, out), contains("label is 11, allowed are 0..9 and 10"));
  CHECK_THROWS_WITH(net(x, 0.5, negative, out), contains("label is -1, allowed are 0..9 and 10"));
}

TEST_CASE("the held-out digits are 500 images of all ten classes") {
  const auto real = digits::load_real_digits(data / "held_out.safetensors");
  REQUIRE(real.labels.size() == 500);
  REQUIRE(real.images.size() == 500 * 64);
  const auto [low, high] = std::minmax_element(real.images.begin(), real.images.end());
  CHECK(*low == -1.0f);
  CHECK(*high == 1.0f);
  for (int digit = 0; digit < 10; ++digit)
    CHECK(std::count(real.labels.begin(), real.labels.end(), digit) >= 30);
}
