// SPDX-License-Identifier: MIT
//
// What a run through diffode::sampler takes for one evaluation of a model that costs nothing, against the same method as a
// hand-written loop and as operators on tensors, and against what the machine can copy. docs/performance.md explains it.

#include "program.hpp"
#include "supplied.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace {

using namespace diffode_bench;

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

}  // namespace

int main(int argc, char** argv) {
  return run_program("sampler", "Time of diffode::sampler for one evaluation of a model that costs nothing, against hand-written loops.", argc, argv,
                     []<class Format, class E, class Backend>(Format, const method_case& what, const dd::grid& levels, const material<E>& with, Backend on) -> std::unique_ptr<contender> {
                       return std::make_unique<sampled<Format, Backend>>(what, levels, with, on);
                     });
}
