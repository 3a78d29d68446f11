// SPDX-License-Identifier: MIT
#pragma once

// Measuring statistics of a model (DPM-Solver-v3). Files have headers of their own, which need nlohmann/json and libzip:
// statistics/sums_file.hpp, statistics/statistics_file.hpp.

#include "diffode/statistics/finish.hpp"
#include "diffode/statistics/measure.hpp"
#include "diffode/statistics/model.hpp"
#include "diffode/statistics/options.hpp"
#include "diffode/statistics/sums.hpp"
