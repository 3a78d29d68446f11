// SPDX-License-Identifier: MIT
#pragma once

#include "contender.hpp"
#include "formulas.hpp"
#include "textbook.hpp"

#include <cmath>
#include <cstddef>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// The methods the way programs write them that have a tensor class: formulas line by line, for every element at once.
namespace diffode_bench::textbook {

/// The state, the model's answer, and what a method remembers, newest first.
template <class E>
struct memory {
  course on;
  std::vector<weights> predictor, corrector;  ///< of every step, made in advance where a method has such
  tensor<E> x, F, z;
  std::deque<tensor<E>> past = {};
  tensor<E> start = {};  ///< of a step of several evaluations, or the corrected state

  tensor<E> x0(int k) const { return (x - on[k].sigma * F) / on[k].alpha; }
  void remember(tensor<E> newest, std::size_t most) {
    past.push_front(std::move(newest));
    if (past.size() > most) past.pop_back();
  }
};

template <class E>
void ddim(memory<E>& m, int k) {
  const tensor<E> x0 = m.x0(k);
  m.x = m.on[k + 1].alpha * x0 + m.on[k + 1].sigma * m.F;
}

template <class E>
void dpmpp_2m(memory<E>& m, int k, std::size_t remembered = 1) {
  const dd::level<>&s = m.on[k], &t = m.on[k + 1];
  const double h = m.on.h(k), A = t.sigma / s.sigma, b = t.alpha * std::expm1(-h);
  tensor<E> m0 = m.x0(k);
  if (k == 0) m.x = A * m.x - b * m0;
  else {
    const tensor<E> D1 = (m0 - m.past[0]) / (m.on.h(k - 1) / h);
    m.x = A * m.x - b * m0 - 0.5 * b * D1;
  }
  m.remember(std::move(m0), remembered);
}

template <class E>
void dpmpp_3m(memory<E>& m, int k) {
  if (k < 2) {
    dpmpp_2m(m, k, 2);
    return;
  }
  const dd::level<>&s = m.on[k], &t = m.on[k + 1];
  const double d1 = m.on.h(k - 1), d2 = d1 + m.on.h(k - 2);
  const weights& n = m.predictor[static_cast<std::size_t>(k)];
  tensor<E> m0 = m.x0(k);
  const tensor<E> D1 = (m0 - m.past[0]) / d1, D1_before = (m.past[0] - m.past[1]) / (d2 - d1), D2 = (D1 - D1_before) / d2;
  m.x = t.sigma / s.sigma * m.x + n[0] * m0 + n[1] * D1 + n[2] * D2;
  m.remember(std::move(m0), 2);
}

template <class E>
void sde_2m(memory<E>& m, int k) {
  const dd::level<>&s = m.on[k], &t = m.on[k + 1];
  const double h = m.on.h(k), forgotten = -std::expm1(-2 * h), b = t.alpha * forgotten;
  tensor<E> m0 = m.x0(k);
  tensor<E> drift = t.sigma / s.sigma * std::exp(-h) * m.x + b * m0;
  if (k > 0) {
    const tensor<E> D1 = (m0 - m.past[0]) / (m.on.h(k - 1) / h);
    drift = drift + 0.5 * b * D1;
  }
  m.x = drift + t.sigma * std::sqrt(forgotten) * m.z;
  m.remember(std::move(m0), 1);
}

/// sum_j w_j m_j in the form (sum_j w_j) m_0 + sum_j r_j w_j D_j, D_j = (m_j - m_0)/r_j, that UniPC is written in.
template <class E>
tensor<E> by_differences(const weights& w, const std::vector<const tensor<E>*>& m, const std::vector<double>& r) {
  double sum = 0;
  for (std::size_t j = 0; j < m.size(); ++j) sum += w[j];
  tensor<E> differences;
  for (std::size_t j = 1; j < m.size(); ++j) {
    const tensor<E> D = (*m[j] - *m[0]) / r[j];
    tensor<E> weighed = w[j] * r[j] * D;
    if (differences) differences = differences + weighed;
    else differences = std::move(weighed);
  }
  tensor<E> first = sum * *m[0];
  return differences ? first + differences : std::move(first);
}

template <class E>
void unipc(memory<E>& m, int k, int p) {
  tensor<E> m0 = m.x0(k);
  if (k == 0) m.start = m.x;
  else {
    // The corrector of the step before, with the base at its start.
    const weights& all = m.corrector[static_cast<std::size_t>(k)];
    const int used = static_cast<int>(m.past.size());
    weights w{};
    std::vector<const tensor<E>*> at;
    std::vector<double> r;
    for (int j = 0; j < used; ++j) {
      w[static_cast<std::size_t>(j)] = all[static_cast<std::size_t>(j) + 1];
      at.push_back(&m.past[static_cast<std::size_t>(j)]);
      r.push_back(j == 0 ? 1 : (m.on[k - 1 - j].lambda - m.on[k - 1].lambda) / m.on.h(k - 1));
    }
    w[static_cast<std::size_t>(used)] = all[0];
    at.push_back(&m0);
    r.push_back(1);
    m.start = m.on[k].sigma / m.on[k - 1].sigma * m.start + by_differences(w, at, r);
  }
  std::vector<const tensor<E>*> at{&m0};
  std::vector<double> r{1};
  const int order = k + 1 < p ? k + 1 : p;
  for (int j = 1; j < order; ++j) {
    at.push_back(&m.past[static_cast<std::size_t>(j) - 1]);
    r.push_back((m.on[k - j].lambda - m.on[k].lambda) / m.on.h(k));
  }
  m.x = m.on[k + 1].sigma / m.on[k].sigma * m.start + by_differences(m.predictor[static_cast<std::size_t>(k)], at, r);
  m.remember(std::move(m0), static_cast<std::size_t>(p));
}

template <class E>
void deis_3(memory<E>& m, int k) {
  const weights& w = m.predictor[static_cast<std::size_t>(k)];
  tensor<E> x = m.on[k + 1].alpha / m.on[k].alpha * m.x + w[0] * m.F;
  for (std::size_t j = 0; j < m.past.size(); ++j) x = x + w[j + 1] * m.past[j];
  m.x = std::move(x);
  m.remember(m.F, 3);
}

/// Along rho, in the frame of x/alpha: y' = (y - x0)/rho. Two evaluations a step.
template <class E>
void heun(memory<E>& m, int k) {
  const dd::level<>&s = m.on[k / 2], &t = m.on[k / 2 + 1];
  const double step = dd::rho(t) - dd::rho(s);
  const dd::level<>& here = k % 2 == 0 ? s : t;
  const tensor<E> y = m.x / here.alpha, x0 = y - dd::rho(here) * m.F;
  tensor<E> slope = (y - x0) / dd::rho(here);
  if (k % 2 == 0) {
    m.x = t.alpha * (y + step * slope);
    m.start = y;
    m.remember(std::move(slope), 1);
  } else {
    const tensor<E> mean = (m.past[0] + slope) / 2;
    m.x = t.alpha * (m.start + step * mean);
  }
}

template <class E>
class run final : public contender {
 public:
  using step = void (*)(memory<E>&, int);
  run(const course& on, const material<E>& with, step how, std::vector<weights> predictor, std::vector<weights> corrector)
      : with_(with), how_(how),
        now_{on, std::move(predictor), std::move(corrector), {}, tensor<E>(with.answer), tensor<E>(with.noise)} {
    restart();
  }

  void restart() override {
    now_.x = tensor<E>(with_.start);
    now_.past.clear();
    k_ = 0;
  }
  void evaluate() override { how_(now_, k_++); }
  double shown(std::size_t i) const override { return static_cast<double>(now_.x[i]); }

 private:
  material<E> with_;
  step how_;
  memory<E> now_;
  int k_ = 0;
};

/// The textbook's run of a method, by the name that it has in cases.hpp.
template <class E>
std::unique_ptr<contender> make(const std::string& method, const course& on, const material<E>& with) {
  const int steps = static_cast<int>(on.levels.size()) - 1;
  const auto for_each_step = [&](auto of) {
    std::vector<weights> all;
    for (int k = 0; k < steps; ++k) all.push_back(of(k));
    return all;
  };
  const auto runs = [&](typename run<E>::step how, std::vector<weights> predictor = {}, std::vector<weights> corrector = {}) -> std::unique_ptr<contender> {
    return std::make_unique<run<E>>(on, with, how, std::move(predictor), std::move(corrector));
  };
  const auto predicted = [&](int p) { return for_each_step([&](int k) { return predictor_weights(on, k, p); }); };
  const auto corrected = [&](int p) { return for_each_step([&](int k) { return k == 0 ? weights{} : corrector_weights(on, k, p); }); };
  if (method == "ddim") return runs(ddim<E>);
  if (method == "dpmpp_2m") return runs([](memory<E>& m, int k) { dpmpp_2m(m, k); });
  if (method == "dpmpp_3m") return runs(dpmpp_3m<E>, for_each_step([&](int k) { return newton_weights(on, k); }));
  if (method == "unipc_2") return runs([](memory<E>& m, int k) { unipc(m, k, 2); }, predicted(2), corrected(2));
  if (method == "unipc_3") return runs([](memory<E>& m, int k) { unipc(m, k, 3); }, predicted(3), corrected(3));
  if (method == "deis_3") return runs(deis_3<E>, for_each_step([&](int k) { return time_weights(on, k, newest(k, 4)); }));
  if (method == "heun") return runs(heun<E>);
  if (method == "sde_2m") return runs(sde_2m<E>);
  throw std::invalid_argument("textbook: method is '" + method + "', needs one of cases.hpp");
}

}  // namespace diffode_bench::textbook
