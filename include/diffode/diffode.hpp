// SPDX-License-Identifier: MIT
#pragma once

// Everything that needs only the standard library, in the order in which data flows.
#include "diffode/core.hpp"
#include "diffode/schedule.hpp"
#include "diffode/grid.hpp"
#include "diffode/model.hpp"
#include "diffode/method.hpp"
#include "diffode/control.hpp"
#include "diffode/noise.hpp"
#include "diffode/run.hpp"
