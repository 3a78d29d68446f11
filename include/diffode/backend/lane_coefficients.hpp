// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/hd.hpp"

#include <cstddef>

namespace diffode {

/// The coefficients of one combine in one lane, on the device.
template <class F>
struct lane_coefficients {
  F* first;
  std::size_t lanes;
  unsigned outs, ins;
  DIFFODE_HD F& operator()(unsigned row, unsigned term) const { return first[(row * ins + term) * lanes]; }
};

}  // namespace diffode
