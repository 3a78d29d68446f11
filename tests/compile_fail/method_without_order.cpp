// SPDX-License-Identifier: MIT
// expect: constraint
// expect: m\.order\(\)
#include "diffode/diffode.hpp"

struct no_order {
  static constexpr const char* name = "no_order";
  static constexpr diffode::prediction target = diffode::prediction::x0;
  static int keep() { return 0; }
  static diffode::fault check() { return {}; }
  template <diffode::coefficient R>
  diffode::value step(diffode::recorder<R>& r, const diffode::level<R>&, const diffode::level<R>&) const {
    return r.state();
  }
};

int main() {
  diffode::compile(no_order{}, diffode::karras(diffode::edm{}, {.count = 4}), diffode::eps_model{});
}
