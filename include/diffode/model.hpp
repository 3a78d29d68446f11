// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/model/bound.hpp"
#include "diffode/model/filter.hpp"
#include "diffode/model/form.hpp"
#include "diffode/model/guidance.hpp"
#include "diffode/model/parameterisation.hpp"
