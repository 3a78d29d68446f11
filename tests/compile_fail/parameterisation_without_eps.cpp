// SPDX-License-Identifier: MIT
// expect: constraint
// expect: p\.eps\(at\)
#include "diffode/diffode.hpp"

struct data_only {
  template <diffode::coefficient R>
  diffode::affine<R> x0(const diffode::level<R>&) const {
    return {0, 1};
  }
};

int main() { diffode::model_of(data_only{}, 0); }
