// SPDX-License-Identifier: MIT
//
// Random words to normals, word for word and bit for bit the same on every processor and on CUDA: Philox4x32-10, and
// Box and Muller's transform in float and in double. Included once for each instruction set by detail/simd.hpp, where
// floats, words, doubles and longs are vectors, and by noise/normal_scalar.hpp, where each is one number.
//
// Nothing is used but what IEEE 754 rounds correctly: conversions, sums, products, quotients, square roots and explicit
// fused multiply-adds. A product that is rounded never meets a sum but in `fused`, so that a compiler has nothing of its
// own to fuse. Angles and exponents are reduced in integers. No subnormal number occurs.
//
// A uniform number is u = (w + 1/2)/2^32 = n/2^33, n = 2 w + 1 odd: never 0 or 1. The polynomials are fits of small
// maximal error whose coefficients are numbers of the arithmetic they are for.

/// The same number in all places.
template <class V, class S>
[[gnu::always_inline]] DIFFODE_HD inline V all(S x) {
  return x - V{};
}

/// c0 + x c1 + x^2 c2 + ...
template <class V, class S>
[[gnu::always_inline]] DIFFODE_HD inline V polynomial(const V&, S c0) {
  return all<V>(c0);
}
template <class V, class S, class... More>
[[gnu::always_inline]] DIFFODE_HD inline V polynomial(const V& x, S c0, More... more) {
  return fused(x, polynomial(x, more...), all<V>(c0));
}

/// A whole number below 2^52: exact.
[[gnu::always_inline]] DIFFODE_HD inline doubles as_double(const longs& v) {
  return as<doubles>(v | 0x4330000000000000U) - 0x1p52;
}

/// Four words of a counter, each in the lower half of 64 bits; the upper halves may hold anything.
struct four_words {
  longs w[4];
};

/// The keys of the ten rounds, two each.
struct round_keys {
  std::uint64_t of[20];
};

DIFFODE_HD inline round_keys keys_from(std::uint32_t key0, std::uint32_t key1) {
  round_keys k;
  for (int i = 0; i < 20; i += 2, key0 += 0x9E3779B9U, key1 += 0xBB67AE85U) k.of[i] = key0, k.of[i + 1] = key1;
  return k;
}

/// A round of Philox4x32. A word moves on with the rest of the product it is part of: what is in upper halves goes into
/// no product.
[[gnu::always_inline]] DIFFODE_HD inline four_words one_round(const four_words& c, std::uint64_t key0, std::uint64_t key1) {
  const longs a = product_of_words(c.w[0], 0xD2511F53U), b = product_of_words(c.w[2], 0xCD9E8D57U);
  return {{b >> 32 ^ c.w[1] ^ key0, b, a >> 32 ^ c.w[3] ^ key1, a}};
}

/// -2 ln u of n = u 2^33 = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), where f + f_rest is f to all its digits:
/// (33 - k) 2 ln 2 - 2 f + (f^2 - f^3 2/3 + ... - 2 f_rest). Relative error below 9.4e-8, also where u is close to 1.
[[gnu::always_inline]] DIFFODE_HD inline floats minus_two_log(const words& w) {
  constexpr float ln4 = 0x1.62e4p0F, ln4_rest = 0x1.7f7d1cp-19F;  // (33 - k) ln4 is exact
  constexpr std::uint32_t sqrt_half = 0x3f3504f3;
  const floats high = converted<floats>(as<ints>(w >> 9)), low = converted<floats>(as<ints>((w & 511U) * 2U + 1U));
  const floats n = fused(high, all<floats>(1024.F), low), n_rest = fused(high, all<floats>(1024.F), -n) + low;
  const words bits = as<words>(n), k = (bits - sqrt_half) >> 23;
  const floats over = as<floats>(bits - (k << 23)) - 1.F, under = n_rest * as<floats>((127U - k) << 23);
  const floats f = over + under, f_rest = (over - f) + under;
  const floats series = polynomial(f, 1.F, -0x1.55554ap-1F, 0x1.00021ap-1F, -0x1.99a5acp-2F, 0x1.547a02p-2F, -0x1.226d54p-2F,
                                   0x1.0cd284p-2F, -0x1.07d22ep-2F, 0x1.423740p-3F);
  const floats small = fused(f * f, series, -2.F * f_rest);
  const floats octaves = converted<floats>(as<ints>(33U - k)), twice = -2.F * f;
  const floats sum = fused(octaves, all<floats>(ln4), twice), sum_rest = fused(octaves, all<floats>(ln4), -sum) + twice;
  return sum + (fused(octaves, all<floats>(ln4_rest), sum_rest) + small);
}

/// The same of the word in a lower half. Here f is exact, and so are 1 + m and the quotient's rounding harmless: with
/// s = f/(2 + f), -2 ln(1 + f) = -2 f + f^2 - s (f^2 + s^2 (4/3 + s^2 4/5 + ...)). Relative error below 2e-16.
[[gnu::always_inline]] DIFFODE_HD inline doubles minus_two_log(const longs& w) {
  constexpr double ln4 = 0x1.62e42fefa3ap0, ln4_rest = -0x1.0ca86c3898dp-48;
  constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcd;
  const doubles n = fused(as_double(w & 0xffffffffU), all<doubles>(2.), all<doubles>(1.));
  const longs bits = as<longs>(n), k = (bits - sqrt_half) >> 52;
  const doubles m = as<doubles>(bits - (k << 52)), f = m - 1., s = f / (m + 1.), z = s * s;
  const doubles series = polynomial(z, 0x1.5555555555592p0, 0x1.999999997ff07p-1, 0x1.24924941e306cp-1, 0x1.c71c52128085dp-2,
                                    0x1.74663d5f1506dp-2, 0x1.39a1dbcf4238p-2, 0x1.2f0449f58a68p-2);
  const doubles small = fused(f, f, -(s * fused(z, series, f * f)));
  const doubles octaves = as_double(33U - k), twice = -2. * f;
  const doubles sum = fused(octaves, all<doubles>(ln4), twice), sum_rest = fused(octaves, all<doubles>(ln4), -sum) + twice;
  return sum + (fused(octaves, all<doubles>(ln4_rest), sum_rest) + small);
}

template <class V>
struct pair_of {
  V first, second;
};

/// Cosine and sine, given those of the angle without its `quarter` turns. Sign is the shift from bit 1 to the sign bit.
template <int Sign, class V, class W>
[[gnu::always_inline]] DIFFODE_HD inline pair_of<V> turned(const V& c, const V& s, const W& quarter) {
  const V x = (quarter & 1U) != 0U ? s : c, y = (quarter & 1U) != 0U ? c : s;
  return {as<V>(as<W>(x) ^ ((quarter + 1U) & 2U) << Sign), as<V>(as<W>(y) ^ (quarter & 2U) << Sign)};
}

/// Cosine and sine of 2 pi u. With the nearest quarter turn taken off, the angle t pi/4 is left, |t| <= 1; t_rest is what t
/// lacks of it. Relative error of each below 7.6e-8, also where they are close to 0.
[[gnu::always_inline]] DIFFODE_HD inline pair_of<floats> direction(const words& w) {
  constexpr float pi_4 = 0x1.921fb6p-1F, pi_4_rest = -0x1.777a5cp-26F;
  const words quarter = (w + 0x20000000U) >> 30;
  const ints rest = as<ints>((w << 1) + 1U - (quarter << 31));
  const floats rounded = converted<floats>(rest), t = rounded * 0x1p-30F;
  const floats t_rest = converted<floats>(rest - converted<ints>(rounded)) * 0x1p-30F;
  const floats square = fused(t, t, (t + t) * t_rest);
  const floats series = polynomial(square, -0x1.4abbcp-4F, 0x1.46607ep-9F, -0x1.2ddcecp-15F);
  const floats s = fused(t, all<floats>(pi_4), fused(t_rest, all<floats>(pi_4), t * fused(square, series, all<floats>(pi_4_rest))));
  const floats c = fused(square, polynomial(square, -0x1.3bd3ccp-2F, 0x1.03c1aep-6F, -0x1.55b146p-12F, 0x1.d47cfap-19F), all<floats>(1.F));
  return turned<30>(c, s, quarter);
}

/// The same of the word in a lower half, where t is exact. Relative error of each below 2e-16.
[[gnu::always_inline]] DIFFODE_HD inline pair_of<doubles> direction(const longs& w) {
  constexpr double pi_4 = 0x1.921fb54442d18p-1, pi_4_rest = 0x1.1a62633145c07p-55;
  const longs quarter = ((w + 0x20000000U) & 0xffffffffU) >> 30;
  const longs rest = ((w << 1) + 0x80000001U - (quarter << 31)) & 0xffffffffU;  // and 2^31 more, to be no less than 0
  const doubles t = (as_double(rest) - 0x1p31) * 0x1p-30, square = t * t;
  const doubles series = polynomial(square, -0x1.4abbce625be47p-4, 0x1.466bc67758dfap-9, -0x1.32d2cce33a56p-15, 0x1.50783021c786fp-22,
                                    -0x1.e300abb223929p-30, 0x1.e405820f98439p-38);
  const doubles s = fused(t, all<doubles>(pi_4), t * fused(square, series, all<doubles>(pi_4_rest)));
  const doubles c = fused(square,
                          polynomial(square, -0x1.3bd3cc9be45dep-2, 0x1.03c1f081b5a4fp-6, -0x1.55d3c7e3bf5abp-12, 0x1.e1f506749a44p-19,
                                     -0x1.a6d1e138d04f1p-26, 0x1.f9c3d3cc6fcdep-34, -0x1.afee4a812fbbcp-42),
                          all<doubles>(1.));
  return turned<62>(c, s, quarter);
}

/// Two normals from two words: sqrt(-2 ln u0) times cos(2 pi u1) and times sin(2 pi u1). In float from words, in double
/// from words in lower halves.
template <class W>
[[gnu::always_inline]] DIFFODE_HD inline auto two_normals(const W& w0, const W& w1) {
  const auto radius = square_root(minus_two_log(w0));
  const auto way = direction(w1);
  return pair_of<decltype(square_root(minus_two_log(w0)))>{product(radius, way.first), product(radius, way.second)};
}
