// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/array.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode {

namespace detail {

/// Flat memory: a denoiser is handed spans.
template <class T>
struct flat_traits {
  using element = T;
  static std::span<T> view(const auto& a, T* p) { return {p, std::size(a)}; }
  static std::span<const T> view(const auto& a, const T* p) { return {p, std::size(a)}; }
  static auto* data(auto& a) { return std::data(a); }
  static std::size_t size(const auto& a) { return std::size(a); }
};

}  // namespace detail

template <class T, std::size_t N>
  requires(!std::is_const_v<T>)
struct array_traits<std::span<T, N>> : detail::flat_traits<T> {};
template <class T, class A>
  requires(!std::same_as<T, bool>)
struct array_traits<std::vector<T, A>> : detail::flat_traits<T> {
  static constexpr bool owns = true;
};
template <class T, std::size_t N>
struct array_traits<std::array<T, N>> : detail::flat_traits<T> {
  static constexpr bool owns = true;
};

static_assert(array<std::span<float>> && array<std::vector<double>>);

}  // namespace diffode
