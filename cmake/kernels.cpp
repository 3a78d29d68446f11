// SPDX-License-Identifier: MIT
//
// The kernels of our own programs of many files, compiled once (see diffode_share_kernels in programs.cmake).
#include "diffode/backend/compile_kernels.hpp"
