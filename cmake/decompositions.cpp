// SPDX-License-Identifier: MIT
//
// What decompositions.hpp declares.
#include "decompositions.hpp"

DIFFODE_DECOMPOSITIONS()
