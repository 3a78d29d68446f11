// SPDX-License-Identifier: MIT
#include <diffode/diffode.hpp>

static_assert(DIFFODE_VERSION_MAJOR < 0, "nobody said which message to expect");
