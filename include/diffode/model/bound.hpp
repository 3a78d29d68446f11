// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/model/form.hpp"
#include "diffode/model/parameterisation.hpp"

#include <utility>

namespace diffode {

/// `eps(net)`: the function `net` returns the noise. So for the others; see parameterisation.hpp for what each means.
template <class Net>
auto eps(Net net) {
  return model_of(eps_model{}, std::move(net));
}
template <class Net>
auto x0(Net net) {
  return model_of(x0_model{}, std::move(net));
}
template <class Net>
auto v(Net net) {
  return model_of(v_model{}, std::move(net));
}
template <class Net>
auto flow_velocity(Net net) {
  return model_of(flow_model{}, std::move(net));
}
template <class Net>
auto score(Net net) {
  return model_of(score_model{}, std::move(net));
}
template <class Net>
auto edm_network(Net net, edm_model meaning = {}) {
  return model_of(meaning, std::move(net));
}

}  // namespace diffode
