// SPDX-License-Identifier: MIT
// expect: this array would be gone before the run
#include "diffode/diffode.hpp"

#include <vector>

int main() {
  const diffode::grid grid = diffode::uniform_time(diffode::flow{}, {.from = 1, .to = 0, .count = 4});
  auto run = diffode::sampler(diffode::euler{}, grid, diffode::flow_model{}, std::vector<float>(16));
}
