// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"

#include <cstddef>
#include <cstdint>

namespace diffode::detail {

/// One combine as a kernel reads it: its arrays, and where its coefficients are. Plain memory of fixed size, so that it
/// can be an argument of a kernel or one of many in a table on the device.
struct combine_step {
  source in[most_inputs];
  sink out[most_outputs];
  std::uint64_t grouped_in;   ///< bit k: the groups of input k begin at multiples of their size in bytes
  std::uint32_t grouped_out;  ///< the same for outputs
  std::uint32_t ins, outs;    ///< outs = 0: nothing to do
  std::uint32_t head;         ///< elements before the first group
  std::uint64_t coefficients; ///< where its own begin among all
};

/// What all combines of a run have in common.
struct combine_shape {
  std::size_t size, sample_size;
  lane_map lanes;
};

/// How many neighbouring elements one thread takes at once, so that the widest arrays are read and written in accesses of
/// 16 bytes: 2 in double, 4 in float, 8 where all arrays have 16 bits. No more than 4 of many outputs, whose sums take registers.
inline unsigned group_of(const combine_step& s, bool in_double) {
  if (in_double) return 2;
  bool is_wide = s.outs > 4;
  for (std::size_t k = 0; k < s.ins; ++k) is_wide = is_wide || (s.in[k].data && bytes_of(s.in[k].type) > 2);
  for (std::size_t r = 0; r < s.outs; ++r) is_wide = is_wide || bytes_of(s.out[r].type) > 2;
  return is_wide ? 4 : 8;
}

/// Groups begin where they suit the first output; arrays that they do not suit are read and written element by element.
inline void align(combine_step& s, unsigned group) {
  if (s.outs == 0) return;
  const auto past = [group](const void* data, element type) {  // how far into a group an array begins, in bytes
    return reinterpret_cast<std::uintptr_t>(data) % (group * bytes_of(type));
  };
  const std::size_t n = group, first = past(s.out[0].data, s.out[0].type) / bytes_of(s.out[0].type);
  s.head = static_cast<std::uint32_t>((n - first) % n);
  const auto is_grouped = [&](const void* data, element type) {
    return (past(data, type) + s.head * bytes_of(type)) % (n * bytes_of(type)) == 0;
  };
  s.grouped_in = 0;
  s.grouped_out = 0;
  for (std::size_t k = 0; k < s.ins; ++k)
    if (s.in[k].data && is_grouped(s.in[k].data, s.in[k].type)) s.grouped_in |= std::uint64_t{1} << k;
  for (std::size_t r = 0; r < s.outs; ++r)
    if (is_grouped(s.out[r].data, s.out[r].type)) s.grouped_out |= 1U << r;
}

/// A combine without its coefficients and not yet aligned.
template <class T>
combine_step step_of(const combination<T>& c) {
  combine_step s{};
  for (const source& from : c.in) s.in[s.ins++] = from;
  for (const sink& to : c.out) s.out[s.outs++] = to;
  return s;
}

}  // namespace diffode::detail
