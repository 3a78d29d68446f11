// SPDX-License-Identifier: MIT
#pragma once

// Measuring statistics of a model (DPM-Solver-v3). Files have headers of their own: statistics/sums_file.hpp and
// statistics/statistics_file.hpp need nlohmann/json, statistics/npz_folder.hpp libzip too.

#include "diffode/statistics/finish.hpp"
#include "diffode/statistics/measure.hpp"
#include "diffode/statistics/model.hpp"
#include "diffode/statistics/options.hpp"
#include "diffode/statistics/sums.hpp"
