// SPDX-License-Identifier: MIT
//
// The inner loops of a combine for one instruction set. Included by detail/simd.hpp, once for each.
//
// Memory movement  reads `terms` arrays, writes `rows` arrays, each element once
// Arithmetic       per element rows x terms fused multiply-adds in the order of the terms, one rounding per row
//
// Loops of known length are marked to be unrolled: below -O3, GCC would keep the sums in memory instead of registers.

template <class F>
struct vector_of;
template <>
struct vector_of<float> {
  using type = floats;
  using bits = words;
};
template <>
struct vector_of<double> {
  using type = doubles;
  using bits = longs;
};
/// A vector of float or double, and how many there are in one.
template <class F>
using vector = typename vector_of<F>::type;
template <class F>
inline constexpr std::size_t width = sizeof(vector<F>) / sizeof(F);

/// V is read from memory of any alignment.
template <class V>
[[gnu::always_inline]] inline V read(const void* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class V>
[[gnu::always_inline]] inline void write(void* to, const V& v) {
  std::memcpy(to, &v, sizeof v);
}

[[gnu::always_inline]] inline words bits_of(const floats& v) { return reinterpret_cast<words>(v); }
/// The upper half of each word is the bfloat16 next to v. What is no number may become zero, unless its lower half is 0.
[[gnu::always_inline]] inline words rounded_above(const floats& v) {
  const words bits = bits_of(v);
  return bits + 0x7fffU + (bits >> 16 & 1U);
}
[[gnu::always_inline]] inline words rounded_to_bfloat(const floats& v) {
  const words bits = bits_of(v), quiet = bits | 0x400000U;
  using signed_words = std::int32_t __attribute__((vector_size(sizeof(words))));
  // Neither side has its sign bit, and AVX2 compares signed numbers only.
  const auto no_number = reinterpret_cast<signed_words>(bits & 0x7fffffffU) > 0x7f800000;
  return no_number ? quiet : rounded_above(v);
}

/// Elements i, i + 1, ... of an array, in what is computed in.
template <class F>
[[gnu::always_inline]] inline vector<F> load(element type, const void* from, std::size_t i) {
  const char* const at = static_cast<const char*>(from) + i * bytes_of(type);
  if constexpr (sizeof(F) == sizeof(float)) {
    if (type == element::f32) return read<floats>(at);
    if (type == element::f16) return from_half(read<halves>(at));
    using unsigned_halves = std::uint16_t __attribute__((vector_size(sizeof(halves))));
    const words bits = __builtin_convertvector(read<unsigned_halves>(at), words) << 16;
    return reinterpret_cast<floats>(bits);
  } else {
    if (type == element::f64) return read<doubles>(at);
    if (type == element::f32) return __builtin_convertvector(read<few_floats>(at), doubles);
    doubles v{};
    for (std::size_t k = 0; k < width<double>; ++k) {
      std::uint16_t bits;
      std::memcpy(&bits, at + 2 * k, 2);
      v[k] = static_cast<double>(type == element::f16 ? half_to_float(bits) : bfloat_to_float(bits));
    }
    return v;
  }
}

template <class F>
[[gnu::always_inline]] inline void store(element type, void* to, std::size_t i, const vector<F>& v) {
  char* const at = static_cast<char*>(to) + i * bytes_of(type);
  if constexpr (sizeof(F) == sizeof(float)) {
    if (type == element::f32) return write(at, v);
    if (type == element::f16) return write(at, to_half(v));
    using unsigned_halves = std::uint16_t __attribute__((vector_size(sizeof(halves))));
    write(at, __builtin_convertvector(rounded_to_bfloat(v) >> 16, unsigned_halves));
  } else {
    if (type == element::f64) return write(at, v);
    if (type == element::f32) return write(at, __builtin_convertvector(v, few_floats));
    for (std::size_t k = 0; k < width<double>; ++k) {
      const float odd = float_to_odd(v[k]);
      const std::uint16_t bits = type == element::f16 ? float_to_half(odd) : float_to_bfloat(odd);
      std::memcpy(at + 2 * k, &bits, 2);
    }
  }
}

/// How many vectors `unrolled` takes at once, and how many elements; their number must be a multiple.
template <class T>
inline constexpr std::size_t vectors_at_once = element_type<T> == element::bf16 ? 2 : 1;
template <class T>
inline constexpr std::size_t unrolled_at_once = width<arithmetic<T>> * vectors_at_once<T>;

/// Elements i, i + 1, ... of an array of T. Two bfloat16 are one word, and the second one is a float once the first is cleared:
/// even and odd elements are vectors of their own, and nothing has to be moved about.
template <class T>
[[gnu::always_inline]] inline void load_at_once(const void* from, std::size_t i, vector<arithmetic<T>> (&v)[vectors_at_once<T>]) {
  if constexpr (element_type<T> == element::bf16) {
    const words both = read<words>(static_cast<const char*>(from) + 2 * i);
    v[0] = reinterpret_cast<floats>(both << 16);
    v[1] = reinterpret_cast<floats>(both & 0xffff0000U);
  } else {
    v[0] = load<arithmetic<T>>(element_type<T>, from, i);
  }
}
/// Of sums of bfloat16, what is no number came from an input, and a multiply-add has made it quiet, or is the processor's own: its lower
/// half is 0 (a coefficient that is none is replaced: backend/same_coefficients.hpp).
template <class T>
[[gnu::always_inline]] inline void store_at_once(void* to, std::size_t i, const vector<arithmetic<T>> (&v)[vectors_at_once<T>]) {
  if constexpr (element_type<T> == element::bf16) {
    write(static_cast<char*>(to) + 2 * i, rounded_above(v[0]) >> 16 | (rounded_above(v[1]) & 0xffff0000U));
  } else {
    store<arithmetic<T>>(element_type<T>, to, i, v[0]);
  }
}
/// Copies the elements that `v` was loaded from, to the last bit.
template <class T>
[[gnu::always_inline]] inline void copy_at_once(void* to, const void* from, std::size_t i, const vector<arithmetic<T>> (&v)[vectors_at_once<T>]) {
  if constexpr (element_type<T> == element::bf16) write(static_cast<char*>(to) + 2 * i, bits_of(v[0]) >> 16 | bits_of(v[1]));
  else if constexpr (element_type<T> == element::f16) write(static_cast<char*>(to) + 2 * i, read<halves>(static_cast<const char*>(from) + 2 * i));
  else store_at_once<T>(to, i, v);
}

/// All arrays of one element type; rows and terms known, so that coefficients can stay in registers. `same` is the last input.
///
/// Second  if not 0, the first of two rows is brief: it has the first term and this one alone, and its two coefficients stand before
///         those of the second row
template <class T, std::size_t Rows, std::size_t Terms, std::size_t Second = 0>
void unrolled(const sink* out, const source* in, const arithmetic<T>* coefficient, const duplicate& same, std::size_t count) {
  static_assert(Second == 0 || Rows == 2);
  using F = arithmetic<T>;
  constexpr std::size_t coefficients = Second != 0 ? 2 + Terms : Rows * Terms, vectors = vectors_at_once<T>;
  constexpr auto of = [](std::size_t r, std::size_t k) { return Second == 0 ? r * Terms + k : r > 0 ? 2 + k : k > 0 ? 1 : 0; };
  const void* x[Terms];
  void* y[Rows];
  vector<F> c[coefficients];
  char* const same_to = same.to;  // by value: what is stored could change `same`
  for (std::size_t k = 0; k < Terms; ++k) x[k] = in[k].data;
  for (std::size_t r = 0; r < Rows; ++r) y[r] = out[r].data;
#pragma GCC unroll 40
  for (std::size_t k = 0; k < coefficients; ++k) c[k] = coefficient[k] - vector<F>{};
  for (std::size_t i = 0; i < count; i += unrolled_at_once<T>) {
    vector<F> sum[Rows][vectors]{}, v[vectors];
#pragma GCC unroll 40
    for (std::size_t k = 0; k < Terms; ++k) {
      load_at_once<T>(x[k], i, v);
      if constexpr (Rows > 1 && vectors == 1) hold(v[0]);
#pragma GCC unroll 40
      for (std::size_t r = Second != 0 && k != 0 && k != Second ? 1 : 0; r < Rows; ++r)
#pragma GCC unroll 40
        for (std::size_t p = 0; p < vectors; ++p) sum[r][p] = fused(c[of(r, k)], v[p], sum[r][p]);
    }
#pragma GCC unroll 40
    for (std::size_t r = 0; r < Rows; ++r) store_at_once<T>(y[r], i, sum[r]);
    if (same_to) copy_at_once<T>(same_to, x[Terms - 1], i, v);
  }
}

template <class T>
using unrolled_kernel = void (*)(const sink*, const source*, const arithmetic<T>*, const duplicate&, std::size_t);

inline constexpr std::size_t unrolled_rows = 4, unrolled_terms = 10;

/// As fast_loops has them: for each number of rows and terms, and for two rows of which the first is brief; its second term is one of the
/// last two.
template <class T>
inline constexpr auto all_unrolled = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<unrolled_kernel<T>, sizeof...(I)>{&unrolled<T, I / unrolled_terms + 1, I % unrolled_terms + 1>...};
}(std::make_index_sequence<unrolled_rows * unrolled_terms>());
template <class T>
inline constexpr auto all_brief = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<unrolled_kernel<T>, sizeof...(I)>{&unrolled<T, 2, I / 2 + least_brief_terms, I / 2 + least_brief_terms - 1 - I % 2>...};
}(std::make_index_sequence<2 * (most_brief_terms - least_brief_terms + 1)>());

/// How many vectors, and elements, `looped` takes at once.
inline constexpr std::size_t parts = 4;
template <class F>
inline constexpr std::size_t chunk = parts * width<F>;

template <class F>
[[gnu::always_inline]] inline void load_all(element type, const void* from, std::size_t i, vector<F> (&v)[parts]) {
#pragma GCC unroll 4
  for (std::size_t p = 0; p < parts; ++p) v[p] = load<F>(type, from, i + p * width<F>);
}
template <class F>
[[gnu::always_inline]] inline void store_all(element type, void* to, std::size_t i, const vector<F> (&v)[parts]) {
#pragma GCC unroll 4
  for (std::size_t p = 0; p < parts; ++p) store<F>(type, to, i + p * width<F>, v[p]);
}
// The branch on the type is taken once for all parts.
template <class F>
[[gnu::always_inline]] inline void load_parts(const source& from, std::size_t i, vector<F> (&v)[parts]) {
  if (from.type == element::f32) load_all<F>(element::f32, from.data, i, v);
  else if (from.type == element::bf16) load_all<F>(element::bf16, from.data, i, v);
  else load_all<F>(from.type, from.data, i, v);
}
template <class F>
[[gnu::always_inline]] inline void store_parts(const sink& to, std::size_t i, const vector<F> (&v)[parts]) {
  if (to.type == element::f32) store_all<F>(element::f32, to.data, i, v);
  else if (to.type == element::bf16) store_all<F>(element::bf16, to.data, i, v);
  else store_all<F>(to.type, to.data, i, v);
}

/// Arrays of any element types, any number of terms; coefficients are the same for all elements.
template <class F, std::size_t Rows>
void looped(const sink* out, const source* in, std::size_t terms, const F* coefficients, std::size_t count) {
  using V = vector<F>;
  for (std::size_t i = 0; i < count; i += chunk<F>) {
    V sum[Rows][parts]{};
    for (std::size_t k = 0; k < terms; ++k) {
      V v[parts];
      load_parts<F>(in[k], i, v);
#pragma GCC unroll 40
      for (std::size_t r = 0; r < Rows; ++r) {
        const V c = coefficients[r * terms + k] - V{};
#pragma GCC unroll 40
        for (std::size_t p = 0; p < parts; ++p) sum[r][p] = fused(c, v[p], sum[r][p]);
      }
    }
#pragma GCC unroll 40
    for (std::size_t r = 0; r < Rows; ++r) store_parts<F>(out[r], i, sum[r]);
  }
}

/// Coefficients as a plan holds them, rounded to what is computed in.
template <class F>
[[gnu::always_inline]] inline vector<F> rounded(const double* c) {
  if constexpr (sizeof(F) == sizeof(double)) return read<doubles>(c);
  else return joined(__builtin_convertvector(read<doubles>(c), few_floats), __builtin_convertvector(read<doubles>(c + width<double>), few_floats));
}

/// As `looped`, but each element has its own coefficients, c[(r * terms + k) * pitch + i].
template <class F, std::size_t Rows>
void varying(const sink* out, const source* in, std::size_t terms, const double* coefficients, std::size_t pitch, std::size_t count) {
  using V = vector<F>;
  for (std::size_t i = 0; i < count; i += chunk<F>) {
    V sum[Rows][parts]{};
    for (std::size_t k = 0; k < terms; ++k) {
      V v[parts];
      load_parts<F>(in[k], i, v);
#pragma GCC unroll 40
      for (std::size_t r = 0; r < Rows; ++r) {
        const double* const c = coefficients + (r * terms + k) * pitch + i;
#pragma GCC unroll 40
        for (std::size_t p = 0; p < parts; ++p) sum[r][p] = fused(rounded<F>(c + p * width<F>), v[p], sum[r][p]);
      }
    }
#pragma GCC unroll 40
    for (std::size_t r = 0; r < Rows; ++r) store_parts<F>(out[r], i, sum[r]);
  }
}

template <class F>
void stored(const sink& to, const F* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; i += chunk<F>) {
    vector<F> v[parts];
    load_all<F>(element_type<F>, sums, i, v);
    store_parts<F>(to, i, v);
  }
}

inline void copy_past_caches(void* to, const void* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += sizeof(floats)) stream(static_cast<char*>(to) + at, read<floats>(static_cast<const char*>(from) + at));
}

template <class F>
inline constexpr loops<F> all_loops{&looped<F, 1>, {&varying<F, 1>, &varying<F, 2>, &varying<F, 3>, &varying<F, 4>}, &stored<F>, &copy_past_caches, &end_streaming};

/// No loop is compiled that T does not need.
template <class T, class F>
constexpr fast_loops<T, F> fast_loops_made() {
  fast_loops<T, F> all;
  if constexpr (elemental<T>) all.all = all_unrolled<T>.data(), all.brief = all_brief<T>.data(), all.most_terms = unrolled_terms, all.unrolled_chunk = unrolled_at_once<T>;
  if constexpr (!elemental<T> || sizeof(T) < sizeof(F)) {
    all.rows[0] = &looped<F, 1>, all.rows[1] = &looped<F, 2>, all.rows[2] = &looped<F, 3>, all.rows[3] = &looped<F, 4>;
    all.chunk = chunk<F>;
  }
  return all;
}
template <class T, class F>
inline constexpr fast_loops<T, F> all_fast_loops = fast_loops_made<T, F>();
