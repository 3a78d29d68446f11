// SPDX-License-Identifier: MIT
// An array type that diffode has not been told about.
// expect-gnu: for the satisfaction of .*array<A>.*list<float
// expect-clang: constraints not satisfied for alias template 'element_of' \[with A = std::list<float
#include "diffode/diffode.hpp"

#include <list>

int main() {
  std::list<float> x(4);
  diffode::sampler s(diffode::euler{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::x0_model{}, x);
}
