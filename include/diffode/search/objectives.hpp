// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/grid/table.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

/// The samples of a method on the grid that it was made for; none where it can not be run.
template <class M, class Form, class Net, class T>
std::vector<T> samples_of(const M& how, const noise_path& path, const model<Form, Net>& m, std::vector<T> x, std::size_t batch) {
  const result<grid> g = try_from_times(path, how.times);
  if (!g) return {};
  const result<run_report> done = try_sample(how, g.value(), m, x, {.batch = batch});
  return done ? std::move(x) : std::vector<T>();
}

}  // namespace detail

/// How far a schedule's samples are from given ones, as root of the mean square: the error to a fine solution, or to the
/// exact flow where it is known.
///
/// m              its function is copied for each run, and called from several threads at once
/// start, wanted  `batch` samples each: starts, and where they should arrive
/// Returns        called with a schedule or table: the error, infinite where it can not be run
template <class Form, class Net, class T>
struct error_to {
  noise_path path;
  model<Form, Net> m;
  std::vector<T> start, wanted;
  std::size_t batch = 1;

  template <class M>
  double operator()(const M& how) const {
    const std::vector<T> x = detail::samples_of(how, path, m, start, batch);
    if (x.size() != wanted.size() || x.empty()) return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double off = static_cast<double>(x[i]) - static_cast<double>(wanted[i]);
      sum += off * off;
    }
    return std::sqrt(sum / static_cast<double>(x.size()));
  }
};

/// What a function of yours makes of a schedule's samples: their Frechet distance to data, for instance.
///
/// distance  distance(std::span<const T>) -> double, of all samples one after another; from several threads at once
template <class Form, class Net, class T, class Distance>
struct distance_of {
  noise_path path;
  model<Form, Net> m;
  std::vector<T> start;
  Distance distance;
  std::size_t batch = 1;

  template <class M>
  double operator()(const M& how) const {
    const std::vector<T> x = detail::samples_of(how, path, m, start, batch);
    return x.empty() ? std::numeric_limits<double>::infinity() : distance(std::span<const T>(x));
  }
};

template <class Form, class Net, class T>
error_to(noise_path, model<Form, Net>, std::vector<T>, std::vector<T>, std::size_t) -> error_to<Form, Net, T>;
template <class Form, class Net, class T>
error_to(noise_path, model<Form, Net>, std::vector<T>, std::vector<T>) -> error_to<Form, Net, T>;
template <class Form, class Net, class T, class Distance>
distance_of(noise_path, model<Form, Net>, std::vector<T>, Distance, std::size_t) -> distance_of<Form, Net, T, Distance>;
template <class Form, class Net, class T, class Distance>
distance_of(noise_path, model<Form, Net>, std::vector<T>, Distance) -> distance_of<Form, Net, T, Distance>;

}  // namespace diffode
