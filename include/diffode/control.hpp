// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/control.hpp"
#include "diffode/control/adaptive.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/control/time_shift.hpp"
