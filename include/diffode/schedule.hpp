// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/betas.hpp"
#include "diffode/schedule/clipped.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/noise_path.hpp"
#include "diffode/schedule/shifted.hpp"
#include "diffode/schedule/ve.hpp"
#include "diffode/schedule/vp_cosine.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "diffode/schedule/zero_snr.hpp"
