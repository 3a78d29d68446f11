// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_source.hpp"
#include "diffode/noise/brownian.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/noise/recorded_noise.hpp"
