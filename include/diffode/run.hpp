// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/adaptive.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/sampler.hpp"
#include "diffode/run/start.hpp"
#include "diffode/run/time_shift.hpp"
