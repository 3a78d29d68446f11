// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

namespace diffode_test {

}  // namespace diffode_test
