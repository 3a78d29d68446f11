// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/tape/recorder.hpp"

namespace diffode {

/// The level where the share c of the step from s to t is done in lambda. At c = 1 it is t itself, so that the model is
/// told what the grid says and not what the noise path would.
template <coefficient R>
level<R> between(const recorder<R>& r, const level<R>& s, const level<R>& t, double c) {
  return c == 1 ? t : r.at_lambda(s.lambda + (t.lambda - s.lambda) * c);
}

}  // namespace diffode
