// SPDX-License-Identifier: MIT
#pragma once

#include "cases.hpp"
#include "contender.hpp"
#include "formats.hpp"
#include "supplied.hpp"

#include <cstddef>
#include <span>

namespace diffode_bench {

/// The run of a request, again and again.
template <class Format, class Backend>
class sampled final : public contender {
 public:
  using E = typename Format::element;

  sampled(const method_case& what, const dd::grid& levels, const material<E>& with, Backend on)
      : sampled(dd::shared_plan(Format::plan(what, levels)), with, on) {}

  void restart() override {
    x_ = with_.start;
    run_.restart();
  }
  void evaluate() override { run_.feed(with_.answer); }
  double shown(std::size_t i) const override { return static_cast<double>(run_.next()->x[i]); }

 private:
  sampled(dd::shared_plan made, const material<E>& with, Backend on)
      : with_(with), x_(with.start, with.shared), view_(x_),
        memory_(dd::workspace<E, typename Format::history, E>::bytes(*made, with.start.size()), with.shared),
        run_(made, view_, {.memory = memory_}, supplied<E>{with.noise}, {}, on) {}

  material<E> with_;
  buffer<E> x_;
  std::span<E> view_;
  buffer<std::byte> memory_;
  dd::sampler<E, supplied<E>, dd::no_filter, Backend, typename Format::history, E> run_;
};

}  // namespace diffode_bench
