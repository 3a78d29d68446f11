// SPDX-License-Identifier: MIT
// expect: static.assert.*a version cannot be negative

// The smallest case: the mechanism finds the library, the compiler refuses the file, the message is read.
#include <diffode/diffode.hpp>

static_assert(DIFFODE_VERSION_MAJOR < 0, "a version cannot be negative");
