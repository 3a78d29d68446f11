// SPDX-License-Identifier: MIT
// expect: this text is nowhere in the output of a compiler
#include <diffode/diffode.hpp>

static_assert(DIFFODE_VERSION_MAJOR < 0, "refused for another reason");
