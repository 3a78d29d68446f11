// SPDX-License-Identifier: MIT
//
// The inner loops of brownian_tree. Included by detail/simd.hpp, once for each instruction set, after fill.inl. All of them
// go over `count` numbers, four for each block from `first` on, and on to the end of the last vector: arrays have room for
// a multiple of 64.

/// Heads less tails/2 of 32 fair coins, in four words of each counter: variance 8.
[[gnu::always_inline]] inline void coins_of(const four_words& r, double* out) {
  using few_ints = std::int32_t __attribute__((vector_size(sizeof(few_floats))));
  const doubles w01 = as<doubles>((r.w[0] & 0xffffffffU) | r.w[1] << 32), w23 = as<doubles>((r.w[2] & 0xffffffffU) | r.w[3] << 32);
  words heads[2] = {as<words>(interleaved_low(w01, w23)), as<words>(interleaved_high(w01, w23))};
#pragma GCC unroll 2
  for (words& v : heads) {
    v = v - (v >> 1 & 0x55555555U);
    v = (v & 0x33333333U) + (v >> 2 & 0x33333333U);
    v = (v + (v >> 4)) & 0x0f0f0f0fU;
    v = (v + (v >> 8)) & 0x00ff00ffU;
    v = (v + (v >> 16)) & 0x3fU;
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < 4; ++k)
    write(out + k * counters, converted<doubles>(read<few_ints>(reinterpret_cast<const char*>(heads) + k * sizeof(few_ints))) - 16.);
}

template <bool Coins, std::size_t Vectors>
[[gnu::always_inline]] inline void draw(const word_stream& s, const round_keys& keys, std::uint64_t first, double* z) {
  const words_of<Vectors> r = words_from<Vectors>(s, keys, first);
  if constexpr (Coins) {
#pragma GCC unroll 2
    for (std::size_t k = 0; k < Vectors; ++k) coins_of(r.v[k], z + k * 4 * counters);
  } else normals_of(r, z);
}

/// An increment x becomes its halves, x/2 + scale z and, in `other`, x/2 - scale z, each rounded once.
template <bool Coins, std::size_t Vectors>
inline void halve_by(const word_stream& s, std::uint64_t first, std::size_t count, double scale, double* x, double* other) {
  constexpr std::size_t blocks = words_of<Vectors>::blocks;
  const round_keys keys = keys_from(s.key[0], s.key[1]);
  const doubles plus = all<doubles>(scale), minus = all<doubles>(-scale);
  for (std::size_t i = 0; i < count; i += 4 * blocks, first += blocks) {
    double z[4 * blocks];
    draw<Coins, Vectors>(s, keys, first, z);
    for (std::size_t k = 0; k < 4 * blocks; k += counters) {
      const doubles half = product(read<doubles>(x + i + k), all<doubles>(0.5)), drawn = read<doubles>(z + k);
      write(x + i + k, fused(drawn, plus, half));
      write(other + i + k, fused(drawn, minus, half));
    }
  }
}
template <bool Coins>
void halve(const word_stream& s, std::uint64_t first, std::size_t count, double scale, double* x, double* other) {
  if (count <= 4 * counters) halve_by<Coins, 1>(s, first, count, scale, x, other);
  else halve_by<Coins, 2>(s, first, count, scale, x, other);
}

/// out = scale z for normals z.
inline void scaled_normals(const word_stream& s, std::uint64_t first, std::size_t count, double scale, double* out) {
  constexpr std::size_t blocks = words_of<1>::blocks;
  const round_keys keys = keys_from(s.key[0], s.key[1]);
  for (std::size_t i = 0; i < count; i += 4 * blocks, first += blocks) {
    draw<false, 1>(s, keys, first, out + i);
    for (std::size_t k = i; k < i + 4 * blocks; k += counters) write(out + k, product(read<doubles>(out + k), all<doubles>(scale)));
  }
}

inline void add_to(double* sum, const double* x, std::size_t count) {
  for (std::size_t i = 0; i < count; i += counters) write(sum + i, read<doubles>(sum + i) + read<doubles>(x + i));
}
