// SPDX-License-Identifier: MIT
// A copy would share the arrays of the run.
// expect-gnu: error: use of deleted function [^ ]*diffode::sampler<float>::sampler\(const diffode::sampler
// expect-clang: error: call to implicitly-deleted copy constructor of .diffode::sampler
#include "diffode/diffode.hpp"

diffode::sampler<float> twice(diffode::sampler<float>& s) {
  diffode::sampler<float> other = s;
  return other;
}
