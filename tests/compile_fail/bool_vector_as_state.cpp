// SPDX-License-Identifier: MIT
// A vector of bool has no memory of bools.
// expect-gnu: for the satisfaction of .*array<A>.*vector<bool
// expect-clang: constraints not satisfied for alias template 'element_of' \[with A = std::vector<bool
#include "diffode/diffode.hpp"

#include <vector>

int main() {
  std::vector<bool> x(4);
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, x);
}
