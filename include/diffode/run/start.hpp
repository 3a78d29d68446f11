// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/array.hpp"
#include "diffode/concept/noise_source.hpp"
#include "diffode/core/element.hpp"
#include "diffode/core/error.hpp"
#include "diffode/core/level.hpp"
#include "diffode/noise/philox.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace diffode {

/// The stream that start noise comes from; a run counts its own from 0.
inline constexpr std::uint32_t start_stream = std::numeric_limits<std::uint32_t>::max();

/// Fills `x` with the state at `at` when nothing is known of the data: unit noise times sigma.
///
/// Shapes  x: batch samples, one after another;  sample k of a batch is the same whatever else is in it
/// Errors  refuses a batch that does not divide the size of x
template <array A, class Noise = philox>
fault try_fill_with_noise(A&& x, const level<>& at, const Noise& noise = {}, std::size_t batch = 1) {
  using traits = array_traits<std::remove_cvref_t<A>>;
  using T = element_of<A>;
  if constexpr (requires { traits::check(x); })
    if (const fault f = traits::check(x)) return f;
  if constexpr (requires { noise.check(0, std::size_t{}, batch); })
    return detail::refuse(errc::bad_noise, "fill_with_noise: noise is a record, needs a source with a stream for the start, such as philox");
  const std::span<T> all(traits::data(x), traits::size(x));
  if (batch == 0 || all.size() % batch != 0)
    return detail::refuse(errc::bad_shape, "fill_with_noise: batch is ", batch, ", needs a divisor of the size of x, ", all.size());
  const std::size_t size = all.size() / batch;
  arithmetic<T> z[256];
  for (std::size_t k = 0; k < batch; ++k)
    for (std::size_t first = 0; first < size; first += std::size(z)) {
      const std::size_t n = size - first < std::size(z) ? size - first : std::size(z);
      noise.fill(static_cast<std::uint32_t>(k), start_stream, first, std::span(z, n));
      for (std::size_t i = 0; i < n; ++i) all[k * size + first + i] = static_cast<T>(static_cast<double>(z[i]) * at.sigma);
    }
  return {};
}
template <array A, class Noise = philox>
void fill_with_noise(A&& x, const level<>& at, const Noise& noise = {}, std::size_t batch = 1) {
  raise(try_fill_with_noise(x, at, noise, batch));
}

/// Turns `x`, unit noise, into the state at `at` of an image: alpha*image + sigma*x. For starts from an image.
/// Errors  refuses arrays of unequal size
template <array A, array B>
fault try_noise_image(A&& x, const B& image, const level<>& at) {
  using T = element_of<A>;
  if constexpr (requires { array_traits<std::remove_cvref_t<A>>::check(x); })
    if (const fault f = array_traits<std::remove_cvref_t<A>>::check(x)) return f;
  if constexpr (requires { array_traits<std::remove_cvref_t<B>>::check(image); })
    if (const fault f = array_traits<std::remove_cvref_t<B>>::check(image)) return f;
  const std::span<T> all(array_traits<std::remove_cvref_t<A>>::data(x), array_traits<std::remove_cvref_t<A>>::size(x));
  const auto* clean = array_traits<std::remove_cvref_t<B>>::data(image);
  const std::size_t n = array_traits<std::remove_cvref_t<B>>::size(image);
  if (n != all.size()) return detail::refuse(errc::bad_shape, "noise_image: size of image is ", n, ", needs ", all.size(), ", the size of x");
  for (std::size_t i = 0; i < n; ++i)
    all[i] = static_cast<T>(at.alpha * static_cast<double>(clean[i]) + at.sigma * static_cast<double>(all[i]));
  return {};
}
template <array A, array B>
void noise_image(A&& x, const B& image, const level<>& at) {
  raise(try_noise_image(x, image, at));
}

}  // namespace diffode
