// SPDX-License-Identifier: MIT
#pragma once

// The version of the library, by the rules of semver.org. The build system reads these three lines, so the
// number is written nowhere else.
#define DIFFODE_VERSION_MAJOR 0
#define DIFFODE_VERSION_MINOR 1
#define DIFFODE_VERSION_PATCH 0
