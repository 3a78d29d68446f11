// SPDX-License-Identifier: MIT
// A level may be lanes: a formula that branches on it would need a branch per lane.
// expect-gnu: error: no match for [^ ]*operator>[^ ]* \(operand types are [^ ]*const diffode::lanes[^ ]* and [^ ]*double
// expect-clang: invalid operands to binary expression \('const diffode::lanes' and 'double'\)
#include "diffode/diffode.hpp"

struct branches {
  static constexpr const char* name = "branches";
  static constexpr diffode::prediction target = diffode::prediction::x0;
  static int keep() { return 0; }
  static int order() { return 1; }
  static diffode::fault check() { return {}; }
  template <diffode::coefficient R>
  diffode::value step(diffode::recorder<R>& r, const diffode::level<R>& s, const diffode::level<R>&) const {
    return s.sigma > 0. ? r.state() : r.predict(r.state(), s);
  }
};

diffode::plan planned(const diffode::fixed<diffode::lanes>& levels) { return diffode::compile(branches{}, levels, diffode::eps_model{}); }
