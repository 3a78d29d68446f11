// SPDX-License-Identifier: MIT
#pragma once

namespace diffode {

/// In which prediction of the model a method computes: the clean data, or the noise.
enum class prediction { x0, eps };

/// Most outputs of one model that a run can mix (conditional, unconditional, a second condition, one to spare).
inline constexpr int max_outputs = 4;

}  // namespace diffode
