// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/axis.hpp"
#include "diffode/core/error.hpp"
#include "diffode/core/exponential.hpp"
#include "diffode/core/interpolation.hpp"
#include "diffode/core/lanes.hpp"
#include "diffode/core/level.hpp"
#include "diffode/core/multistep.hpp"
#include "diffode/core/phi.hpp"
#include "diffode/core/prediction.hpp"
#include "diffode/core/ramp.hpp"
#include "diffode/core/report.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/core/unified.hpp"
#include "diffode/core/version.hpp"
