// SPDX-License-Identifier: MIT
// Levels are double or lanes; float would lose what the coefficients need.
// expect-gnu: error: template constraint failure for .*struct diffode::level
// expect-clang: error: constraints not satisfied for class template 'level'
#include "diffode/core/level.hpp"

diffode::level<float> at;
