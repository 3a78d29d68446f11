// SPDX-License-Identifier: MIT
#pragma once

#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// A coefficient that differs along one axis of the state: per sample, per frame, per channel or per element.
///
/// Shapes  one value for every lane, or a single value that stands for all of them
/// Has the arithmetic of a double but no ordering: a formula that branches on a coefficient would need one branch
/// per lane, so the compiler refuses it.
class lanes {
 public:
  lanes(double all = 0) : all_(all) {}
  explicit lanes(std::vector<double> values) : each_(std::move(values)) { assert(!each_.empty()); }

  std::size_t size() const { return each_.empty() ? 1 : each_.size(); }
  double operator[](std::size_t lane) const { return each_.empty() ? all_ : each_.size() == 1 ? each_[0] : each_[lane]; }

  template <class F>
  static lanes map(F f, lanes a) {
    if (a.each_.empty()) a.all_ = f(a.all_);
    for (double& v : a.each_) v = f(v);
    return a;
  }
  template <class F>
  static lanes map(F f, lanes a, const lanes& b) {
    assert(a.size() == b.size() || a.size() == 1 || b.size() == 1);
    if (a.size() < b.size()) a.each_.assign(b.size(), a[0]);
    if (a.each_.empty()) a.all_ = f(a.all_, b[0]);
    for (std::size_t i = 0; i < a.each_.size(); ++i) a.each_[i] = f(a.each_[i], b[i]);
    return a;
  }

  friend lanes operator+(lanes a, const lanes& b) {
    return map([](double x, double y) { return x + y; }, std::move(a), b);
  }
  friend lanes operator-(lanes a, const lanes& b) {
    return map([](double x, double y) { return x - y; }, std::move(a), b);
  }
  friend lanes operator*(lanes a, const lanes& b) {
    return map([](double x, double y) { return x * y; }, std::move(a), b);
  }
  friend lanes operator/(lanes a, const lanes& b) {
    return map([](double x, double y) { return x / y; }, std::move(a), b);
  }
  friend lanes operator-(lanes a) {
    return map([](double x) { return -x; }, std::move(a));
  }
  friend lanes exp(lanes a) {
    return map([](double x) { return std::exp(x); }, std::move(a));
  }
  friend lanes expm1(lanes a) {
    return map([](double x) { return std::expm1(x); }, std::move(a));
  }
  friend lanes log(lanes a) {
    return map([](double x) { return std::log(x); }, std::move(a));
  }
  friend lanes log1p(lanes a) {
    return map([](double x) { return std::log1p(x); }, std::move(a));
  }
  friend lanes sqrt(lanes a) {
    return map([](double x) { return std::sqrt(x); }, std::move(a));
  }
  friend lanes hypot(lanes a, const lanes& b) {
    return map([](double x, double y) { return std::hypot(x, y); }, std::move(a), b);
  }

  /// Whether `claim` holds in every lane.
  template <class F>
  friend bool every(F claim, const lanes& a) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!claim(a[i])) return false;
    return true;
  }

 private:
  double all_ = 0;            ///< most numbers in formulas are one for all lanes: no heap for these
  std::vector<double> each_;  ///< empty where all_ is meant
};

// One spelling for both coefficient types: with these, `exp(h)` is right for a double and for lanes.
using std::exp, std::expm1, std::hypot, std::log, std::log1p, std::sqrt;

template <class F>
bool every(F claim, double a) {
  return claim(a);
}

/// `f` of a coefficient, lane by lane.
template <class F>
double each(F f, double a) {
  return f(a);
}
template <class F>
lanes each(F f, const lanes& a) {
  return lanes::map(f, a);
}
/// `f` of two coefficients, lane by lane.
template <class F>
double each(F f, double a, double b) {
  return f(a, b);
}
template <class F>
lanes each(F f, const lanes& a, const lanes& b) {
  return lanes::map(f, a, b);
}

/// Number of lanes and the value in one of them, for either coefficient type.
inline std::size_t lane_count(double) { return 1; }
inline std::size_t lane_count(const lanes& a) { return a.size(); }
inline double lane(double a, std::size_t) { return a; }
inline double lane(const lanes& a, std::size_t i) { return a[i]; }

/// Element `i` of the state belongs to lane `(i / stride) % count`.
struct lane_map {
  std::size_t stride = 1, count = 1;
  std::size_t operator()(std::size_t element) const { return count == 1 ? 0 : (element / stride) % count; }
  friend bool operator==(const lane_map&, const lane_map&) = default;
};

}  // namespace diffode
