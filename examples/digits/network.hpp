// SPDX-License-Identifier: MIT
#pragma once

#include "layers.hpp"
#include "safetensors.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace digits {

/// Edge of an image in pixels, pixels of an image, and the label that means "any digit".
inline constexpr std::size_t image_side = 8, image_size = 64;
inline constexpr int no_class = 10;

/// The class-conditional denoiser that tools/train_digits trains: residual blocks at 8x8 and 4x4, about
/// 200 000 weights.
///
/// Shapes   images are 8x8, row by row, values about [-1, 1], ink is +1; model time is in [0, 1]
/// Threads  a loaded network is immutable, several threads may call it at once
class network {
 public:
  /// Reads weights. Refuses a file that is damaged or is not such a network, with std::runtime_error.
  static network load(const std::filesystem::path& path) {
    const tensor_file file = tensor_file::load(path);
    return network(file);
  }

  /// What the output means: "eps" (noise, on the variance-preserving path) or "flow" (velocity eps - x0, on
  /// rectified flow).
  const std::string& prediction() const { return prediction_; }

  /// Evaluates a batch in which all images have the model time t.
  ///
  /// Shapes  x and out hold 64 floats per image, labels one of 0..9 or no_class per image; out may be x
  /// Errors  std::invalid_argument when sizes do not fit together or a label is out of range
  void operator()(std::span<const float> x, double t, std::span<const int> labels,
                  std::span<float> out) const {
    (*this)(x, std::vector<double>(labels.size(), t), labels, out);
  }

  /// The same with a model time per image.
  void operator()(std::span<const float> x, std::span<const double> times, std::span<const int> labels,
                  std::span<float> out) const {
    check(x, times, labels, out);
    Eigen::MatrixXf patches;
    for (std::size_t first = 0; first < labels.size(); first += chunk) {
      const std::size_t count = std::min(chunk, labels.size() - first);
      const std::size_t begin = first * image_size, size = count * image_size;
      const Eigen::MatrixXf embedded = embed(times.subspan(first, count), labels.subspan(first, count));
      const features input = Eigen::Map<const features>(x.data() + begin, 1, static_cast<Index>(size));
      Eigen::Map<features>(out.data() + begin, 1, static_cast<Index>(size)) =
          evaluate(input, embedded, patches);
    }
  }

 private:
  /// Images that go through the layers together: their patches fit into a second-level cache.
  static constexpr std::size_t chunk = 8;
  static constexpr Index fine_side = 8, coarse_side = 4;

  /// norm, silu, convolution, norm scaled and shifted by the embedding, silu, convolution, plus the input.
  struct block {
    norm_silu norm1;
    convolution conv1;
    linear film;
    norm_silu norm2;
    convolution conv2;
    std::optional<linear> skip;

    static block load(const tensor_file& file, const std::string& name, Index inputs, Index outputs,
                      Index embedding, Index groups) {
      block result{norm_silu::load(file, name + ".norm1", inputs, groups),
                   convolution::load(file, name + ".conv1", inputs, outputs),
                   linear::load(file, name + ".film", embedding, 2 * outputs),
                   norm_silu::load(file, name + ".norm2", outputs, groups),
                   convolution::load(file, name + ".conv2", outputs, outputs),
                   std::nullopt};
      if (inputs != outputs) result.skip = linear::load(file, name + ".skip", inputs, outputs, {1, 1});
      return result;
    }

    features operator()(const features& x, const Eigen::MatrixXf& embedded, Index side,
                        Eigen::MatrixXf& patches) const {
      features h = x;
      norm1(h, side * side);
      h = conv1(h, side, patches);
      norm2(h, side * side, film(embedded));
      h = conv2(h, side, patches);
      h += skip ? (*skip)(x) : x;
      return h;
    }
  };

  explicit network(const tensor_file& file) {
    if (file.metadata("model") != "diffode digits 1")
      file.fail("metadata 'model' is '" + file.metadata("model") + "', expected 'diffode digits 1'");
    prediction_ = file.metadata("prediction");
    if (prediction_ != "eps" && prediction_ != "flow")
      file.fail("metadata 'prediction' is '" + prediction_ + "', expected 'eps' or 'flow'");
    const auto length = [&](const std::string& name, std::size_t axes, std::size_t axis) {
      return static_cast<Index>(file.at_rank(name, axes).shape[axis]);
    };
    const Index narrow = length("stem.weight", 4, 0), wide = length("join.weight", 4, 1);
    const Index embedding = length("embedding.linear2.weight", 2, 0),
                waves = length("embedding.frequencies", 1, 0);
    const Index groups = group_count(file, narrow, wide);
    frequencies_ = Eigen::Map<const Eigen::VectorXf>(file.at("embedding.frequencies").values.data(), waves);
    time1_ = linear::load(file, "embedding.linear1", 2 * waves, embedding);
    time2_ = linear::load(file, "embedding.linear2", embedding, embedding);
    const tensor& classes = file.at("embedding.classes.weight", {static_cast<std::size_t>(no_class) + 1,
                                                                 static_cast<std::size_t>(embedding)});
    classes_ = Eigen::Map<const Eigen::MatrixXf>(classes.values.data(), embedding, no_class + 1);
    stem_ = convolution::load(file, "stem", 1, narrow);
    down_ = block::load(file, "down", narrow, narrow, embedding, groups);
    middle1_ = block::load(file, "middle1", narrow, wide, embedding, groups);
    middle2_ = block::load(file, "middle2", wide, wide, embedding, groups);
    join_ = linear::load(file, "join", wide, narrow, {1, 1});
    up_ = block::load(file, "up", narrow, narrow, embedding, groups);
    norm_ = norm_silu::load(file, "norm", narrow, groups);
    head_ = convolution::load(file, "head", narrow, 1);
  }

  /// Groups of the normalisations; they must divide the channels.
  static Index group_count(const tensor_file& file, Index narrow, Index wide) {
    const std::string& text = file.metadata("groups");
    int groups = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), groups);
    const bool number = problem == std::errc{} && end == text.data() + text.size();
    if (!number || groups < 1 || narrow % groups != 0 || wide % groups != 0)
      file.fail("metadata 'groups' is '" + text + "', expected a divisor of " + std::to_string(narrow) +
                " and " + std::to_string(wide));
    return groups;
  }

  static void check(std::span<const float> x, std::span<const double> times, std::span<const int> labels,
                    std::span<float> out) {
    const auto same = [&](const char* name, std::size_t size, std::size_t expected) {
      if (size != expected)
        throw std::invalid_argument("digits::network: " + std::string(name) + " has " + std::to_string(size) +
                                    " elements, " + std::to_string(labels.size()) + " labels need " +
                                    std::to_string(expected));
    };
    same("x", x.size(), labels.size() * image_size);
    same("times", times.size(), labels.size());
    same("out", out.size(), labels.size() * image_size);
    for (const int label : labels)
      if (label < 0 || label > no_class)
        throw std::invalid_argument("digits::network: label is " + std::to_string(label) +
                                    ", allowed are 0..9 and 10 (no class)");
  }

  /// One column per image. The phases are computed in double: model time arrives in it.
  Eigen::MatrixXf embed(std::span<const double> times, std::span<const int> labels) const {
    const Index count = static_cast<Index>(times.size()), waves = frequencies_.size();
    const Eigen::Map<const Eigen::RowVectorXd> row(times.data(), count);
    const Eigen::ArrayXXd phase = (frequencies_.cast<double>() * row).array();
    Eigen::MatrixXf waved(2 * waves, count);
    waved.topRows(waves) = phase.sin().cast<float>().matrix();
    waved.bottomRows(waves) = phase.cos().cast<float>().matrix();
    Eigen::MatrixXf hidden = time1_(waved);
    hidden.array() = silu(hidden.array());
    hidden = time2_(hidden);
    for (Index image = 0; image < count; ++image)
      hidden.col(image) += classes_.col(labels[static_cast<std::size_t>(image)]);
    hidden.array() = silu(hidden.array());
    return hidden;
  }

  features evaluate(const features& x, const Eigen::MatrixXf& embedded, Eigen::MatrixXf& patches) const {
    features fine = down_(stem_(x, fine_side, patches), embedded, fine_side, patches);
    features coarse = middle1_(pooled(fine, fine_side), embedded, coarse_side, patches);
    coarse = middle2_(coarse, embedded, coarse_side, patches);
    add_enlarged(fine, join_(coarse), fine_side);
    fine = up_(fine, embedded, fine_side, patches);
    norm_(fine, fine_side * fine_side);
    return head_(fine, fine_side, patches);
  }

  std::string prediction_;
  Eigen::VectorXf frequencies_;  ///< radians per unit of model time
  linear time1_, time2_;
  Eigen::MatrixXf classes_;  ///< one column per label
  convolution stem_, head_;
  block down_, middle1_, middle2_, up_;
  linear join_;
  norm_silu norm_;
};

}  // namespace digits
