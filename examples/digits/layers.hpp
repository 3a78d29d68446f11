// SPDX-License-Identifier: MIT
#pragma once

#include "safetensors.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace digits {

using Eigen::Index;

/// Features of square images: one column per pixel (images after each other, rows of an image after each
/// other), one row per channel.
using features = Eigen::MatrixXf;

/// a / (1 + exp(-a)), element by element.
template <class Array> auto silu(const Array& a) { return a / (1.0f + (-a).exp()); }

/// y = weight x + bias, for each column of x. Also serves as convolution of a single pixel.
struct linear {
  Eigen::MatrixXf weight;  ///< outputs x inputs
  Eigen::VectorXf bias;    ///< outputs

  /// Takes NAME.weight and NAME.bias; the weight of a convolution has two more axes, of lengths `window`.
  static linear load(const tensor_file& file, const std::string& name, Index inputs, Index outputs,
                     const tensor_shape& window = {}) {
    tensor_shape shape{static_cast<std::size_t>(outputs), static_cast<std::size_t>(inputs)};
    shape.insert(shape.end(), window.begin(), window.end());
    using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const tensor& weight = file.at(name + ".weight", shape);
    const tensor& bias = file.at(name + ".bias", {static_cast<std::size_t>(outputs)});
    return {Eigen::Map<const row_major>(weight.values.data(), outputs, inputs),
            Eigen::Map<const Eigen::VectorXf>(bias.values.data(), outputs)};
  }

  features operator()(const features& x) const {
    features y(weight.rows(), x.cols());
    y.noalias() = weight * x;
    y.colwise() += bias;
    return y;
  }
};

/// 3x3 convolution with stride 1 and a border of zeros, as one matrix product over all pixels of all images.
struct convolution {
  linear taps;  ///< outputs x (9 inputs): the nine neighbours row by row, the channels of each together

  static convolution load(const tensor_file& file, const std::string& name, Index inputs, Index outputs) {
    const auto size = [](Index n) { return static_cast<std::size_t>(n); };
    const tensor& weight = file.at(name + ".weight", {size(outputs), size(inputs), 3, 3});
    const tensor& bias = file.at(name + ".bias", {size(outputs)});
    convolution result{{Eigen::MatrixXf(outputs, 9 * inputs),
                        Eigen::Map<const Eigen::VectorXf>(bias.values.data(), outputs)}};
    for (Index o = 0; o < outputs; ++o)
      for (Index i = 0; i < inputs; ++i)
        for (Index tap = 0; tap < 9; ++tap)
          result.taps.weight(o, tap * inputs + i) = weight.values[size((o * inputs + i) * 9 + tap)];
    return result;
  }

  /// `side` pixels are an edge of an image; `patches` is scratch memory that calls may share.
  features operator()(const features& x, Index side, Eigen::MatrixXf& patches) const {
    gather(x, side, patches);
    return taps(patches);
  }

 private:
  /// Column p of `patches` becomes the nine neighbours of pixel p. Reads x nine times, writes patches once.
  static void gather(const features& x, Index side, Eigen::MatrixXf& patches) {
    const Index channels = x.rows(), area = side * side;
    patches.resize(9 * channels, x.cols());
    for (Index pixel = 0; pixel < x.cols(); ++pixel) {
      const Index row = pixel % area / side, column = pixel % side;
      float* target = &patches(0, pixel);
      for (Index dy = -1; dy <= 1; ++dy)
        for (Index dx = -1; dx <= 1; ++dx, target += channels) {
          const bool inside = row + dy >= 0 && row + dy < side && column + dx >= 0 && column + dx < side;
          if (inside)
            std::copy_n(&x(0, pixel + dy * side + dx), channels, target);
          else
            std::fill_n(target, channels, 0.0f);
        }
    }
  }
};

/// Group normalisation, an affine map per channel, and silu, in one pass.
struct norm_silu {
  Index groups = 1;
  Eigen::ArrayXf weight, bias;  ///< one per channel

  static norm_silu load(const tensor_file& file, const std::string& name, Index channels, Index groups) {
    const tensor_shape shape{static_cast<std::size_t>(channels)};
    return {groups,
            Eigen::Map<const Eigen::ArrayXf>(file.at(name + ".weight", shape).values.data(), channels),
            Eigen::Map<const Eigen::ArrayXf>(file.at(name + ".bias", shape).values.data(), channels)};
  }

  /// `area` pixels make an image. `film` has a column per image: first the scales less one, then the shifts,
  /// of each channel; without columns it means scale 1 and shift 0.
  void operator()(features& x, Index area, const Eigen::MatrixXf& film = {}) const {
    const Index channels = x.rows();
    Eigen::ArrayXf scale(channels), shift(channels);
    for (Index image = 0; image * area < x.cols(); ++image) {
      auto pixels = x.middleCols(image * area, area);
      affine(pixels, scale, shift);
      if (film.cols() > 0) {
        const Eigen::ArrayXf more = 1.0f + film.col(image).head(channels).array();
        scale *= more;
        shift = shift * more + film.col(image).tail(channels).array();
      }
      for (Index pixel = 0; pixel < area; ++pixel) {
        auto column = pixels.col(pixel).array();
        column = column * scale + shift;
      }
      pixels.array() = silu(pixels.array());
    }
  }

 private:
  /// scale and shift per channel that normalise one image and apply weight and bias.
  void affine(const Eigen::Ref<const features>& pixels, Eigen::ArrayXf& scale, Eigen::ArrayXf& shift) const {
    const Index size = pixels.rows() / groups;
    const float count = static_cast<float>(size * pixels.cols());
    const Eigen::ArrayXf sums = pixels.rowwise().sum().array();
    for (Index group = 0; group < groups; ++group)
      shift.segment(group * size, size) = sums.segment(group * size, size).sum() / count;
    // squares of differences, not difference of squares, which cancels
    scale.setZero();
    for (Index pixel = 0; pixel < pixels.cols(); ++pixel)
      scale += (pixels.col(pixel).array() - shift).square();
    for (Index group = 0; group < groups; ++group) {
      const float variance = scale.segment(group * size, size).sum() / count;
      scale.segment(group * size, size) = 1.0f / std::sqrt(variance + 1e-5f);
    }
    scale *= weight;
    shift = bias - shift * scale;
  }
};

/// Means of 2x2 pixels: edge `side` becomes side / 2.
inline features pooled(const features& x, Index side) {
  const Index half = side / 2;
  features y(x.rows(), x.cols() / 4);
  for (Index pixel = 0; pixel < y.cols(); ++pixel) {
    const Index corner = pixel / half * 2 * side + pixel % half * 2;
    y.col(pixel) =
        0.25f * (x.col(corner) + x.col(corner + 1) + x.col(corner + side) + x.col(corner + side + 1));
  }
  return y;
}

/// y += x with each pixel of x repeated 2x2; `side` is the edge of y.
inline void add_enlarged(features& y, const features& x, Index side) {
  const Index half = side / 2;
  for (Index pixel = 0; pixel < y.cols(); ++pixel)
    y.col(pixel) += x.col(pixel / side / 2 * half + pixel % side / 2);
}

}  // namespace digits
