// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/array.hpp"
#include "diffode/core/element.hpp"
#include "diffode/core/error.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>

namespace diffode {

template <>
struct element_traits<Eigen::half> {
  static constexpr element type = element::f16;
};
template <>
struct element_traits<Eigen::bfloat16> {
  static constexpr element type = element::bf16;
};

namespace detail {

template <class D>
void takes_eigen(const Eigen::DenseBase<D>&);

/// Whatever has the interface of an Eigen array, expressions among it.
template <class A>
concept eigen_dense = requires(const A& a) { takes_eigen(a); };

template <class A>
struct is_eigen_block : std::false_type {};
template <class X, int Rows, int Cols, bool WholeColumns>
struct is_eigen_block<Eigen::Block<X, Rows, Cols, WholeColumns>> : std::bool_constant<!WholeColumns> {};

/// What the type alone says of where the elements are.
template <class A>
struct eigen_memory {
  static constexpr int dynamic = Eigen::Dynamic;
  static constexpr int inner = A::InnerStrideAtCompileTime, outer = A::OuterStrideAtCompileTime;
  static constexpr int length = A::InnerSizeAtCompileTime;
  static constexpr bool is_vector = A::IsVectorAtCompileTime;

  static constexpr bool has_memory = (Eigen::internal::traits<A>::Flags & Eigen::DirectAccessBit) != 0;
  static constexpr bool is_writable = (Eigen::internal::traits<A>::Flags & Eigen::LvalueBit) != 0;
  /// False where there are gaps for sure; true where there are none, or where only the array itself can tell.
  static constexpr bool may_be_dense =
      (inner == 1 || inner == dynamic) && (is_vector || outer == dynamic || length == dynamic || outer == length);
  static constexpr bool is_part = is_eigen_block<A>::value && !is_vector;
};

}  // namespace detail

/// Eigen's arrays as the state of a run: Matrix and Array of fixed or dynamic size, row or column major, Map and Ref of
/// them, whole columns of one (leftCols, middleCols, col; rows of a row-major one) and parts of a vector.
///
/// Memory   the array's own, never copied
/// View     Eigen::Map of a Matrix or Array of the same shape and storage order, unaligned; a denoiser may also take
///          `const Eigen::Ref<const M>&` and `Eigen::Ref<M>`
/// Order    elements count as they lie in memory: a batch, or the lanes of a lane_map, is along the columns of a
///          column-major array
/// Refused  when compiled: expressions, read-only arrays, blocks that are not whole columns, strides with gaps. When
///          run: a Map, Ref or row whose strides leave gaps, known only then; the error names them
/// Errors   `check` returns the reason, `data` raises it
template <detail::eigen_dense A>
struct array_traits<A> {
  using memory = detail::eigen_memory<A>;
  static_assert(memory::has_memory, "diffode: an Eigen expression has no memory of its own: evaluate it into a named Matrix or Array and pass that");
  static_assert(!memory::has_memory || memory::is_writable, "diffode: this Eigen array is read-only (a Map or Ref of const): the sample is written into it, pass one that can be written");
  static_assert(!memory::is_part, "diffode: a block of an Eigen array has gaps in memory: take whole columns (leftCols, middleCols, col; rows if it is row-major), or copy it into a Matrix");
  static_assert(memory::may_be_dense || memory::is_part || !memory::has_memory, "diffode: the strides of this Eigen array leave gaps in memory: pass one without, or copy it into a Matrix");

  using element = std::remove_const_t<typename A::Scalar>;
  using shape = typename A::PlainObject;

  static element* data(A& a) { return raise(check(a)), a.data(); }
  static const element* data(const A& a) { return raise(check(a)), a.data(); }
  static std::size_t size(const A& a) { return static_cast<std::size_t>(a.size()); }
  static Eigen::Map<shape> view(const A& a, element* p) { return {p, a.rows(), a.cols()}; }
  static Eigen::Map<const shape> view(const A& a, const element* p) { return {p, a.rows(), a.cols()}; }

  /// Nothing, or which stride leaves gaps.
  static fault check(const A& a) {
    using detail::refuse;
    if (a.size() > 1 && a.innerSize() > 1 && a.innerStride() != 1)
      return refuse(errc::bad_shape, "x: inner stride of the Eigen array is ", a.innerStride(), ", needs 1 (one block of memory, no gaps)");
    if (!memory::is_vector && a.outerSize() > 1 && a.outerStride() != a.innerSize())
      return refuse(errc::bad_shape, "x: outer stride of the Eigen array is ", a.outerStride(), ", needs ", a.innerSize(),
                    ", its inner size (one block of memory, no gaps)");
    return {};
  }
};

static_assert(array<Eigen::MatrixXf> && array<Eigen::Map<Eigen::ArrayXXd>> && array<Eigen::Ref<Eigen::VectorXf>>);

}  // namespace diffode
