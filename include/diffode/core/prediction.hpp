// SPDX-License-Identifier: MIT
#pragma once

namespace diffode {

/// In which prediction of the model a method computes: the clean data, or the noise.
enum class prediction { x0, eps };

}  // namespace diffode
