// SPDX-License-Identifier: MIT
//
// The inner loops of filters for one instruction set. Included by detail/simd.hpp, once for each.
//
// Memory movement  bounded reads 1 array and writes 1; the others read one

template <class T, bool Divides>
[[gnu::always_inline]] inline void bounded_vector(const void* from, void* to, std::size_t i, const vector<arithmetic<T>>& high) {
  using V = vector<arithmetic<T>>;
  const V v = load<arithmetic<T>>(element_type<T>, from, i), low = -high, within = v < low ? low : v > high ? high : v;
  store<arithmetic<T>>(element_type<T>, to, i, Divides ? within / high : within);
}

/// Limits each element to [-limit, limit]; divides it by `limit` then, if Divides. NaN stays NaN. `to` may be `from`.
template <class T, bool Divides>
void bounded(const T* from, T* to, std::size_t count, arithmetic<T> limit) {
  using F = arithmetic<T>;
  const vector<F> high = limit - vector<F>{};
  const std::size_t whole = count - count % width<F>, rest = (count - whole) * sizeof(T);
  for (std::size_t i = 0; i < whole; i += width<F>) bounded_vector<T, Divides>(from, to, i, high);
  if (rest == 0) return;
  alignas(64) unsigned char padded[sizeof(vector<F>)]{};
  std::memcpy(padded, from + whole, rest);
  bounded_vector<T, Divides>(padded, padded, 0, high);
  std::memcpy(to + whole, padded, rest);
}

/// Bits of elements as signed whole numbers of their size, as many as fit in a vector. Without the sign bit, they are in the
/// order of the absolute values, and no order of signed and unsigned numbers is needed.
template <std::size_t Bytes>
struct keys_of;
template <>
struct keys_of<2> {
  using type = std::int16_t __attribute__((vector_size(sizeof(floats))));
};
template <>
struct keys_of<4> {
  using type = std::int32_t __attribute__((vector_size(sizeof(floats))));
};
template <>
struct keys_of<8> {
  using type = std::int64_t __attribute__((vector_size(sizeof(floats))));
};

/// The first block of 64 elements, from the one at element `first` on, that has an element whose key agrees with `wanted` in
/// the bits of `mask`; if there is none, the end of the last whole block.
template <class K>
std::size_t skipped(const void* from, std::size_t first, std::size_t count, K mask, K wanted) {
  using V = typename keys_of<sizeof(K)>::type;
  constexpr std::size_t n = sizeof(V) / sizeof(K);
  for (; first + 64 <= count; first += 64) {
    V found{};
#pragma GCC unroll 32
    for (std::size_t k = 0; k < 64; k += n) {
      const V keys = read<V>(static_cast<const char*>(from) + (first + k) * sizeof(K));
      found |= (keys & mask) == wanted;
    }
    const longs bits = read<longs>(&found);  // what nvcc makes of a cast here is an error
    std::uint64_t any = 0;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < width<double>; ++k) any |= bits[k];
    if (any != 0) return first;
  }
  return first;
}

/// The smallest key that is larger than `key`; `none`, the largest there is, if no element has one.
template <class K>
K smallest_above(const void* from, std::size_t count, K key, K none) {
  using V = typename keys_of<sizeof(K)>::type;
  constexpr std::size_t n = sizeof(V) / sizeof(K);
  const V limit = key - V{}, most = none - V{};
  V least[4] = {most, most, most, most};
  std::size_t i = 0;
  for (; i + 4 * n <= count; i += 4 * n)
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
      const V keys = read<V>(static_cast<const char*>(from) + (i + k * n) * sizeof(K)) & none;
      least[k] = keys > limit && keys < least[k] ? keys : least[k];
    }
  K all = none;
  for (const V& some : least)
    for (std::size_t k = 0; k < n; ++k) all = some[k] < all ? some[k] : all;
  for (; i < count; ++i) {
    K one;
    std::memcpy(&one, static_cast<const char*>(from) + i * sizeof(K), sizeof(K));
    one &= none;
    all = one > key && one < all ? one : all;
  }
  return all;
}
