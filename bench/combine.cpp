// SPDX-License-Identifier: MIT
//
// What the backend takes for the combines of a run, called one after another with nothing between: bench/sampler less the
// sampler. docs/performance.md explains it.

#include "program.hpp"
#include "supplied.hpp"

#include <span>

namespace {

using namespace diffode_bench;

/// The combines of a plan, with the arrays that it needs.
template <class E, class Backend>
class combined final : public contender {
 public:
  combined(const method_case& what, const dd::grid& levels, const material<E>& with, Backend on)
      : with_(with), noise_{with.noise}, on_(on), plan_(what.on(levels)) {
    for (int s = 0; s < plan_.slots(); ++s) slots_.emplace_back(with.start.size());
    for (const dd::instruction& i : plan_.instructions()) {
      if (i.what == dd::operation::call) shown_.push_back(plan_.outputs(i)[0]);
      if (i.what == dd::operation::combine) combines_.push_back(arrays_of(i));
    }
  }

  void restart() override {
    k_ = 0;
    slots_[0] = with_.start;
  }
  void evaluate() override {
    const arrays& a = combines_[k_++];
    const std::size_t size = with_.start.size();
    on_.template combine<E>(dd::combination<E>{a.out, a.in, a.coefficients, plan_.lanes(), size, size}, noise_);
  }
  double shown(std::size_t i) const override { return static_cast<double>(slots_[static_cast<std::size_t>(shown_[k_])][i]); }

 private:
  struct arrays {
    std::vector<dd::source> in;
    std::vector<dd::sink> out;
    std::span<const double> coefficients;
  };

  arrays arrays_of(const dd::instruction& i) {
    const auto slot = [&](int n) { return slots_[static_cast<std::size_t>(n)].data(); };
    arrays a{{}, {}, plan_.coefficients(i)};
    for (const dd::operand& o : plan_.inputs(i)) {
      const void* const data = o.what == dd::operand::kind::held ? slot(o.index) : o.what == dd::operand::kind::output ? with_.answer.data() : nullptr;
      a.in.push_back({data, dd::element_type<E>, o.what == dd::operand::kind::noise, static_cast<std::uint32_t>(o.index)});
    }
    for (const dd::slot s : plan_.outputs(i)) a.out.push_back({slot(s), dd::element_type<E>});
    return a;
  }

  material<E> with_;
  supplied<E> noise_;
  Backend on_;
  dd::plan plan_;
  std::vector<buffer<E>> slots_;
  std::vector<arrays> combines_;
  std::vector<dd::slot> shown_;  ///< at each evaluation
  std::size_t k_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return run_program("combine", "Time of the backend for the combines of a run, against hand-written loops.", argc, argv,
                     []<class E, class Backend>(const method_case& what, const dd::grid& levels, const material<E>& with, Backend on) -> std::unique_ptr<contender> {
                       return std::make_unique<combined<E, Backend>>(what, levels, with, on);
                     });
}
