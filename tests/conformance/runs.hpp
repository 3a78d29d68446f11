// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/told.hpp"
#include "diffode/run/sampler.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace diffode_test {

/// Answers an evaluation; one output.
template <class T>
using answer_to = std::function<void(const diffode::request<T>&, std::span<T>)>;

/// The perfect model of one-dimensional data, number by number.
inline answer_to<double> scalar_truth(told what) {
  return [what, data = mixture{}](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = returned(what, data.at(call.x[i], call.at), call.at);
  };
}

/// The perfect model of data in `dimension` dimensions, sample by sample; sample i is at level i % lanes.
template <class T>
answer_to<T> sample_truth(told what, std::size_t dimension) {
  return [what, dimension, data = mixture{}](const diffode::request<T>& call, std::span<T> out) {
    std::vector<double> x(dimension);
    for (std::size_t first = 0; first < out.size(); first += dimension) {
      const diffode::level<>& l = call.levels[first / dimension % call.levels.size()];
      for (std::size_t i = 0; i < dimension; ++i) x[i] = static_cast<double>(call.x[first + i]);
      data.at(x, l, [&](std::size_t i, const truth& t) { out[first + i] = static_cast<T>(returned(what, t, l)); });
    }
  };
}

/// The plain loop of an engine.
template <class S, class T>
void finish(S& s, const answer_to<T>& net, std::size_t size) {
  std::vector<T> out(size);
  while (const auto call = s.next()) {
    net(*call, out);
    s.feed(out);
  }
}

/// Runs a plan to its end and returns the sample.
template <class T = double>
std::vector<T> run(const diffode::shared_plan& made, std::vector<T> x, const answer_to<std::type_identity_t<T>>& net, std::size_t batch = 1,
                   const diffode::philox& noise = {}) {
  diffode::sampler<T> s(made, x, {.batch = batch}, noise);
  finish<decltype(s), T>(s, net, x.size());
  return x;
}

}  // namespace diffode_test
