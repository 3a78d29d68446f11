// SPDX-License-Identifier: MIT

// What a user's first program does: include the library, print its version.
#include <diffode/diffode.hpp>

#include <cstdio>

int main() {
  std::printf("%d.%d.%d\n", DIFFODE_VERSION_MAJOR, DIFFODE_VERSION_MINOR, DIFFODE_VERSION_PATCH);
}
