// SPDX-License-Identifier: MIT
#pragma once

/// Marks what the processor and a CUDA device share: the arithmetic of one element.
#if defined(__CUDACC__)
#define DIFFODE_HD __host__ __device__
#else
#define DIFFODE_HD
#endif
