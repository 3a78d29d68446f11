// SPDX-License-Identifier: MIT

// nvcc, as C++20, accepts the umbrella header. Runs on any machine: it needs no device.
#include <diffode/diffode.hpp>

int main() { return DIFFODE_VERSION_MAJOR < 0 ? 1 : 0; }
