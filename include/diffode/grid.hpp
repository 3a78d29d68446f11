// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/ending.hpp"
#include "diffode/grid/grid.hpp"
#include "diffode/grid/karras.hpp"
#include "diffode/grid/quadratic.hpp"
#include "diffode/grid/range.hpp"
#include "diffode/grid/sigmas.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/grid/uniform_time.hpp"
