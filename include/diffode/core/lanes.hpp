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
  lanes(double all = 0) : values_{all} {}
  explicit lanes(std::vector<double> values) : values_(std::move(values)) { assert(!values_.empty()); }

  std::size_t size() const { return values_.size(); }
  double operator[](std::size_t lane) const { return values_.size() == 1 ? values_[0] : values_[lane]; }

  template <class F>
  static lanes map(F f, const lanes& a) {
    lanes r(a);
    for (double& v : r.values_) v = f(v);
    return r;
  }
  template <class F>
  static lanes map(F f, const lanes& a, const lanes& b) {
    assert(a.size() == b.size() || a.size() == 1 || b.size() == 1);
    std::vector<double> r(a.size() > b.size() ? a.size() : b.size());
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = f(a[i], b[i]);
    return lanes(std::move(r));
  }

  friend lanes operator+(const lanes& a, const lanes& b) {
    return map([](double x, double y) { return x + y; }, a, b);
  }
  friend lanes operator-(const lanes& a, const lanes& b) {
    return map([](double x, double y) { return x - y; }, a, b);
  }
  friend lanes operator*(const lanes& a, const lanes& b) {
    return map([](double x, double y) { return x * y; }, a, b);
  }
  friend lanes operator/(const lanes& a, const lanes& b) {
    return map([](double x, double y) { return x / y; }, a, b);
  }
  friend lanes operator-(const lanes& a) {
    return map([](double x) { return -x; }, a);
  }
  friend lanes exp(const lanes& a) {
    return map([](double x) { return std::exp(x); }, a);
  }
  friend lanes expm1(const lanes& a) {
    return map([](double x) { return std::expm1(x); }, a);
  }
  friend lanes log(const lanes& a) {
    return map([](double x) { return std::log(x); }, a);
  }
  friend lanes log1p(const lanes& a) {
    return map([](double x) { return std::log1p(x); }, a);
  }
  friend lanes sqrt(const lanes& a) {
    return map([](double x) { return std::sqrt(x); }, a);
  }
  friend lanes hypot(const lanes& a, const lanes& b) {
    return map([](double x, double y) { return std::hypot(x, y); }, a, b);
  }

  /// Whether `claim` holds in every lane.
  template <class F>
  friend bool every(F claim, const lanes& a) {
    for (const double v : a.values_)
      if (!claim(v)) return false;
    return true;
  }

 private:
  std::vector<double> values_;
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
