// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace diffode {

/// How diffode sees an array type. Specialise it for your own.
///
/// Required   `element`                   the element type
///            `data(a)`, `size(a)`        one contiguous block of memory and its number of elements; nothing is copied
///            `view(a, element* p)`       the memory at p, shaped like `a`, and the same for `const element*`: what a
///                                        denoiser that works on such arrays is handed
/// Optional   `owns`                      true where the array keeps its memory itself, so that a temporary is refused
///            `check(a)`                  nothing, or why this array can not be the state (gaps in memory)
/// Models     std::span, std::vector, std::array (adapter/span.hpp), Eigen (adapter/eigen.hpp),
///            xtensor (adapter/xtensor.hpp)
template <class A>
struct array_traits;

template <class A>
concept array = requires(std::remove_cvref_t<A>& a, typename array_traits<std::remove_cvref_t<A>>::element* p,
                         const typename array_traits<std::remove_cvref_t<A>>::element* q) {
  { array_traits<std::remove_cvref_t<A>>::data(a) } -> std::same_as<typename array_traits<std::remove_cvref_t<A>>::element*>;
  { array_traits<std::remove_cvref_t<A>>::size(a) } -> std::same_as<std::size_t>;
  array_traits<std::remove_cvref_t<A>>::view(a, p);
  array_traits<std::remove_cvref_t<A>>::view(a, q);
};

namespace detail {

/// Whether an argument of type A&& is still there after the call: a named array, or a view of memory that is.
template <class A>
concept outlives_call = std::is_lvalue_reference_v<A> || !requires { requires array_traits<std::remove_cvref_t<A>>::owns; };

}  // namespace detail

template <array A>
using element_of = typename array_traits<std::remove_cvref_t<A>>::element;

}  // namespace diffode
