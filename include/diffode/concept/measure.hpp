// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/lanes.hpp"
#include "diffode/detail/hd.hpp"

#include <cstddef>

namespace diffode {

/// How far apart two results are, in units of what is allowed: each element of |a - b| over
/// max(atol, rtol * max(|b|, |scale|)), root mean square over a sample or over all.
///
/// Shapes  a, b, scale: size = samples * sample_size elements;  the result is that of the worst sample, or of the whole
/// Ends    elements that are equal and finite are 0 apart, also where nothing is allowed; what is no number is the worst
template <class T>
struct error_measure {
  const T *a, *b, *scale;
  std::size_t size, sample_size;
  double atol, rtol;
  bool whole;
};

/// Mean and variance of each lane of an array.
///
/// Shapes  x: size elements, a multiple of lanes.stride * lanes.count;  the result has lanes.count entries. Of each sample:
///         lanes = {sample_size, samples}; of everything together: lanes = {}
template <class T>
struct moment_measure {
  const T* x;
  std::size_t size;
  lane_map lanes;
};

/// What a moment_measure gives for a lane. Not finite where an element of the lane is not.
struct lane_moments {
  double count, mean;
  double squares;  ///< sum of (x - mean)^2
  DIFFODE_HD constexpr double variance() const { return squares / count; }
};

/// The sum of a_i * b_i over each sample.
///
/// Shapes  a, b: size = samples * sample_size elements;  the result has one entry for each sample. Over everything
///         together: sample_size = size
template <class A, class B = A>
struct dot_measure {
  const A* a;
  const B* b;
  std::size_t size, sample_size;
};

}  // namespace diffode
