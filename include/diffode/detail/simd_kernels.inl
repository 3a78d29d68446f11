// SPDX-License-Identifier: MIT
// All that is compiled once per instruction set, in this order. Included by detail/simd.hpp alone, in a namespace of its own.

#include "diffode/detail/simd_any.inl"

#include "diffode/backend/combine.inl"
#include "diffode/noise/normals.inl"
#include "diffode/noise/fill.inl"
#include "diffode/noise/brownian.inl"
#include "diffode/backend/measure.inl"
#include "diffode/model/filter.inl"
