// SPDX-License-Identifier: MIT
// expect: error
#include <diffode/diffode.hpp>
