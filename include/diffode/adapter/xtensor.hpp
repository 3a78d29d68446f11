// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/array.hpp"
#include "diffode/core/error.hpp"

// The headers of xtensor were sorted into folders in version 0.26.
#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xfixed.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace diffode {

namespace detail {

template <class A>
concept xtensor_expression = xt::is_xexpression<A>::value;

/// An expression with memory: containers, adaptors, and views of them.
template <class A>
concept xtensor_memory = requires(A& a) {
  { a.data() } -> std::convertible_to<const typename A::value_type*>;
  a.data_offset();
  a.strides();
};

}  // namespace detail

/// xtensor's arrays as the state of a run: xarray, xtensor and xtensor_fixed, row or column major, what xt::adapt makes
/// over your own memory, and views that leave no gaps. Where the type leaves the layout open it has to be row-major:
/// assigning an expression to a view of open layout would store it row-major whatever its strides are.
///
/// Memory   the array's own, never copied
/// View     what xt::adapt makes over a pointer: an adaptor of the same shape and layout that owns nothing
/// Order    elements count as they lie in memory: a batch, or the lanes of a lane_map, is along the first axis of a
///          row-major array and along the last of a column-major one
/// Refused  when compiled: expressions and read-only arrays. When run: strides that leave gaps, or are column-major
///          where the type does not say so; the error names them
/// Errors   `check` returns the reason, `data` raises it
template <detail::xtensor_expression A>
struct array_traits<A> {
  static_assert(detail::xtensor_memory<A>, "diffode: an xtensor expression has no memory of its own: evaluate it into a named xt::xarray or xt::xtensor and pass that");
  static_assert(!detail::xtensor_memory<A> || std::is_assignable_v<decltype(*std::declval<A&>().data()), typename A::value_type>,
                "diffode: this xtensor array is read-only: the sample is written into it, pass one that can be written");

  using element = typename A::value_type;

  static element* data(A& a) { return raise(check(a)), a.data() + a.data_offset(); }
  static const element* data(const A& a) { return raise(check(a)), a.data() + a.data_offset(); }
  static std::size_t size(const A& a) { return a.size(); }
  static auto view(const A& a, element* p) { return adapt(a, p); }
  static auto view(const A& a, const element* p) { return adapt(a, p); }

  /// Nothing, or the strides that do not do.
  static fault check(const A& a) {
    if (a.size() < 2 || compact(a)) return {};
    return detail::refuse(errc::bad_shape, "x: strides of the xtensor array are ", list(a.strides()), " for shape ", list(a.shape()), ", need ",
                          column_major ? "the first axis fastest" : "the last axis fastest", " and no gaps (one block of memory)");
  }

 private:
  static constexpr bool column_major = A::static_layout == xt::layout_type::column_major;

  /// A view over `p` (moved, since an adaptor over an lvalue would keep a reference to it).
  template <class T>
  static auto adapt(const A& a, T* p) {
    constexpr xt::layout_type layout = column_major ? xt::layout_type::column_major : xt::layout_type::row_major;
    return xt::adapt<layout>(std::move(p), a.size(), xt::no_ownership(), shape_of(a));
  }

  /// An array where the number of axes is known when compiled, so that the view knows it too.
  static auto shape_of(const A& a) {
    using lengths = std::remove_cvref_t<decltype(a.shape())>;
    if constexpr (requires { std::tuple_size<lengths>::value; }) {
      std::array<std::size_t, std::tuple_size<lengths>::value> shape{};
      for (std::size_t k = 0; k < shape.size(); ++k) shape[k] = static_cast<std::size_t>(a.shape()[k]);
      return shape;
    } else return xt::dynamic_shape<std::size_t>(a.shape().begin(), a.shape().end());
  }

  /// Whether the elements lie one after another in the order of the view. xtensor gives axes of length 1 the stride 0.
  static bool compact(const A& a) {
    const std::size_t axes = a.dimension();
    std::ptrdiff_t expected = 1;
    for (std::size_t k = 0; k < axes; ++k) {
      const std::size_t axis = column_major ? k : axes - 1 - k;
      const std::ptrdiff_t length = static_cast<std::ptrdiff_t>(a.shape()[axis]);
      if (length != 1 && static_cast<std::ptrdiff_t>(a.strides()[axis]) != expected) return false;
      expected *= length;
    }
    return true;
  }

  static std::string list(const auto& numbers) {
    std::string text;
    for (const auto n : numbers) text += (text.empty() ? "" : ", ") + std::to_string(n);
    return "(" + text + ")";
  }
};

static_assert(array<xt::xarray<float>> && array<xt::xtensor<double, 4>>);

}  // namespace diffode
