// SPDX-License-Identifier: MIT
//
// The leaves of measures (see backend/tree.hpp) for one instruction set. Included by detail/simd.hpp, once for each.
//
// Memory movement  error reads 3 arrays, dot 2, moments 1 (twice, the second time from the first-level cache); writes none
// Arithmetic       in double

#include "diffode/backend/scaled_error.inl"

/// The 32 sums of a leaf as vectors, and how many of these are summed at once: what fits in registers.
inline constexpr std::size_t row = tree_width / width<double>, row_at_once = row < 8 ? row : 8;

template <std::size_t... I>
constexpr std::index_sequence<(sizeof...(I) + I)...> upper_half(std::index_sequence<I...>) {
  return {};
}
template <std::size_t... I>
[[gnu::always_inline]] inline few_floats some_of(const floats& v, std::index_sequence<I...>) {
#if defined(__CUDACC__)  // nvcc hands the line below on without its dots
  few_floats some{};
  std::size_t k = 0;
  ((some[k++] = v[I]), ...);
  return some;
#else
  return __builtin_shufflevector(v, v, I...);
#endif
}

/// Elements i, i + 1, ... of an array, as two vectors.
template <class T>
[[gnu::always_inline]] inline void load_two(const T* from, std::size_t i, doubles& low, doubles& high) {
  constexpr element type = element_type<T>;
  if constexpr (type == element::f64) {
    low = read<doubles>(from + i), high = read<doubles>(from + i + width<double>);
  } else if constexpr (type == element::f32) {
    low = widened(read<few_floats>(from + i)), high = widened(read<few_floats>(from + i + width<double>));
  } else {
    const halves bits = read<halves>(from + i);
    const words shifted = widened(bits) << 16;
    const floats v = type == element::f16 ? from_half(bits) : reinterpret_cast<floats>(shifted);
    low = widened(some_of(v, std::make_index_sequence<width<double>>()));
    high = widened(some_of(v, upper_half(std::make_index_sequence<width<double>>())));
  }
}

/// What a leaf adds up. `two` takes the elements from i on into two vectors of sums, `one` takes element i into a sum.
template <class T>
struct errors {
  const T *a, *b, *scale;
  double atol, rtol;
  [[gnu::always_inline]] inline void two(std::size_t i, doubles& low, doubles& high) const {
    doubles a0, a1, b0, b1, s0, s1;
    load_two(a, i, a0, a1), load_two(b, i, b0, b1), load_two(scale, i, s0, s1);
    const doubles least = atol - doubles{}, share = rtol - doubles{};
    const doubles off0 = scaled_error(a0, b0, s0, least, share), off1 = scaled_error(a1, b1, s1, least, share);
    low = fused(off0, off0, low), high = fused(off1, off1, high);
  }
  void one(std::size_t i, double& sum) const {
    const double off = scaled_error(static_cast<double>(a[i]), static_cast<double>(b[i]), static_cast<double>(scale[i]), atol, rtol);
    sum = diffode::detail::fused(off, off, sum);
  }
};

template <class A, class B>
struct products {
  const A* a;
  const B* b;
  [[gnu::always_inline]] inline void two(std::size_t i, doubles& low, doubles& high) const {
    doubles a0, a1, b0, b1;
    load_two(a, i, a0, a1), load_two(b, i, b0, b1);
    low = fused(a0, b0, low), high = fused(a1, b1, high);
  }
  void one(std::size_t i, double& sum) const { sum = diffode::detail::fused(static_cast<double>(a[i]), static_cast<double>(b[i]), sum); }
};

template <class T>
struct elements {
  const T* x;
  [[gnu::always_inline]] inline void two(std::size_t i, doubles& low, doubles& high) const {
    doubles x0, x1;
    load_two(x, i, x0, x1);
    low += x0, high += x1;
  }
  void one(std::size_t i, double& sum) const { sum += static_cast<double>(x[i]); }
};

template <class T>
struct deviations {
  const T* x;
  double mean;
  [[gnu::always_inline]] inline void two(std::size_t i, doubles& low, doubles& high) const {
    doubles x0, x1;
    load_two(x, i, x0, x1);
    x0 -= mean, x1 -= mean;
    low = fused(x0, x0, low), high = fused(x1, x1, high);
  }
  void one(std::size_t i, double& sum) const {
    const double off = static_cast<double>(x[i]) - mean;
    sum = diffode::detail::fused(off, off, sum);
  }
};

template <class What>
double leaf(const What& what, std::size_t count) {
  alignas(64) double sums[tree_width];
  for (std::size_t v = 0; v < row; v += row_at_once) {
    doubles sum[row_at_once]{};
    for (std::size_t i = 0; i + tree_width <= count; i += tree_width) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < row_at_once; k += 2) what.two(i + (v + k) * width<double>, sum[k], sum[k + 1]);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < row_at_once; ++k) write(sums + (v + k) * width<double>, sum[k]);
  }
  for (std::size_t i = count - count % tree_width; i < count; ++i) what.one(i, sums[i % tree_width]);
  return halved(sums);
}

template <class T>
double error_leaf(const error_measure<T>& m, std::size_t first, std::size_t count) {
  return leaf(errors<T>{m.a + first, m.b + first, m.scale + first, m.atol, m.rtol}, count);
}

template <class A, class B>
double dot_leaf(const A* a, const B* b, std::size_t count) {
  return leaf(products<A, B>{a, b}, count);
}

template <class T>
lane_moments moment_leaf(const T* x, std::size_t count) {
  const double n = static_cast<double>(count), mean = leaf(elements<T>{x}, count) / n;
  return {n, mean, leaf(deviations<T>{x, mean}, count)};
}
