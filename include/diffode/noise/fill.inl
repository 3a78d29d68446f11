// SPDX-License-Identifier: MIT
//
// Many normals at once. Included by detail/simd.hpp, once for each instruction set, after normals.inl.
//
// Memory movement  writes each number once

/// A few vectors of counters, whose chains of operations run side by side. Each counter makes four words.
inline constexpr std::size_t counters = width<double>;
template <std::size_t Vectors>
struct words_of {
  static constexpr std::size_t blocks = Vectors * counters;
  four_words v[Vectors];
};

/// The words of blocks `first`, `first + 1`, ...
template <std::size_t Vectors>
[[gnu::always_inline]] inline words_of<Vectors> words_from(const word_stream& s, const round_keys& keys, std::uint64_t first) {
  static constexpr std::uint64_t place[] = {0, 1, 2, 3, 4, 5, 6, 7};
  words_of<Vectors> r;
#pragma GCC unroll 2
  for (std::size_t k = 0; k < Vectors; ++k) {
    const longs block = read<longs>(place) + (first + k * counters);
    r.v[k] = {{block, block >> 32, all<longs>(std::uint64_t{s.counter[0]}), all<longs>(std::uint64_t{s.counter[1]})}};
  }
#pragma GCC unroll 10
  for (int i = 0; i < 20; i += 2)
#pragma GCC unroll 2
    for (four_words& c : r.v) c = one_round(c, keys.of[i], keys.of[i + 1]);
  return r;
}

/// Four normals for each counter, in the order of the counters.
[[gnu::always_inline]] inline void normals_of(const four_words& r, float* out) {
  // Words 0 and 2 of a counter in neighbouring places, and words 1 and 3.
  const words w0 = as<words>((r.w[0] & 0xffffffffU) | r.w[2] << 32), w1 = as<words>((r.w[1] & 0xffffffffU) | r.w[3] << 32);
  const pair_of<floats> z = two_normals(w0, w1);
  write(out, interleaved_low(z.first, z.second));
  write(out + width<float>, interleaved_high(z.first, z.second));
}
[[gnu::always_inline]] inline void normals_of(const four_words& r, double* out) {
  doubles w[4];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < 4; ++k) w[k] = as<doubles>(r.w[k]);
#pragma GCC unroll 2
  for (std::size_t k = 0; k < 2; ++k, out += 2 * counters) {
    const pair_of<doubles> z = k == 0 ? two_normals(as<longs>(interleaved_low(w[0], w[2])), as<longs>(interleaved_low(w[1], w[3])))
                                      : two_normals(as<longs>(interleaved_high(w[0], w[2])), as<longs>(interleaved_high(w[1], w[3])));
    write(out, interleaved_low(z.first, z.second));
    write(out + counters, interleaved_high(z.first, z.second));
  }
}

template <std::size_t Vectors, class F>
[[gnu::always_inline]] inline void normals_of(const words_of<Vectors>& r, F* out) {
#pragma GCC unroll 2
  for (std::size_t k = 0; k < Vectors; ++k) normals_of(r.v[k], out + k * 4 * counters);
}

/// Normals first, first + 1, ... of a stream. Float or double.
template <class F>
void fill(const word_stream& s, std::uint64_t first, F* out, std::size_t count) {
  constexpr std::size_t blocks = words_of<2>::blocks;
  const round_keys keys = keys_from(s.key[0], s.key[1]);
  std::size_t skipped = static_cast<std::size_t>(first % 4);
  F part[4 * blocks];
  for (std::uint64_t block = first / 4; count > 0; block += blocks, skipped = 0) {
    const std::size_t n = count < 4 * blocks - skipped ? count : 4 * blocks - skipped;
    const bool whole = n == 4 * blocks;
    normals_of(words_from<2>(s, keys, block), whole ? out : part);
    if (!whole) std::memcpy(out, part + skipped, n * sizeof(F));
    out += n, count -= n;
  }
}
