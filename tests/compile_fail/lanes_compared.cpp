// SPDX-License-Identifier: MIT
// expect-gnu: error: no match for [^ ]*operator<[^ ]* \(operand types are [^ ]*diffode::lanes[^ ]* and [^ ]*diffode::lanes
// expect-clang: error: invalid operands to binary expression \('diffode::lanes' and 'diffode::lanes'\)
#include "diffode/core/lanes.hpp"

bool below(diffode::lanes a, diffode::lanes b) { return a < b; }
