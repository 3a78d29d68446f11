// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/method.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"

#include <cmath>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

struct counts {
  int combines = 0, reads = 0, writes = 0, in_place = 0, broken_rules = 0;
};

/// The reference backend, with every rule of a combine looked at: outputs differ from each other, and an output is
/// exactly an input or does not touch any.
struct counting {
  counts* seen;

  template <class T, class Noise>
  void combine(const dd::combination<T>& c, const Noise& noise) const {
    ++seen->combines;
    seen->reads += static_cast<int>(c.in.size());
    seen->writes += static_cast<int>(c.out.size());
    const auto apart = [&](const void* a, const void* b) {
      const T *p = static_cast<const T*>(a), *q = static_cast<const T*>(b);
      return p + c.size <= q || q + c.size <= p;
    };
    for (std::size_t r = 0; r < c.out.size(); ++r) {
      seen->broken_rules += c.out[r].type != dd::element_type<T>;
      for (std::size_t q = 0; q < r; ++q) seen->broken_rules += !apart(c.out[r].data, c.out[q].data);
      for (const dd::source& s : c.in) {
        if (s.data == c.out[r].data) ++seen->in_place;
        else if (s.data && !apart(s.data, c.out[r].data)) ++seen->broken_rules;
      }
    }
    seen->broken_rules += c.size % c.sample_size != 0;
    seen->broken_rules += c.coefficients.size() != c.lanes.count * c.out.size() * c.in.size();
    dd::reference{}.combine<T>(c, noise);
  }
};
static_assert(dd::backend<counting, float, dd::philox>);

/// A run on the counting backend ends where a run on the default backend does.
void check_run(const dd::shared_plan& p) {
  std::vector<double> x{-0.8, 0.1, 1.2, 0.6}, y = x, out(4);
  counts seen;
  dd::sampler a(p, x, {.batch = 2}, dd::philox{.seed = 1}, dd::no_filter{}, counting{&seen});
  dd::sampler b(p, y, {.batch = 2}, dd::philox{.seed = 1});
  const mixture data;
  const auto step = [&](auto& s) {
    const auto call = s.next();
    for (std::size_t i = 0; i < 4; ++i) out[i] = data.at(call->x[i], call->levels[p->lanes()(i)]).x0;
    s.feed(out);
  };
  while (a.next()) step(a), step(b);
  INFO(p->method());
  CHECK(seen.broken_rules == 0);
  CHECK(seen.combines == p->kernels());
  int reads = 0, writes = 0, in_place = 0;
  for (const dd::instruction& i : p->instructions()) {
    if (i.what != dd::operation::combine) continue;
    reads += i.ins, writes += i.outs;
    for (const dd::slot to : p->outputs(i))
      for (const dd::operand& in : p->inputs(i)) in_place += in == dd::operand{dd::operand::kind::held, to};
  }
  CHECK(seen.in_place == in_place);
  if (p->method() == "ddim") CHECK(in_place == p->steps());  // the state goes over itself
  CHECK(seen.reads == reads);
  CHECK(seen.writes == writes);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(x[i] - y[i]) < 1e-13);  // both in double, sums in another order at most
}

template <dd::method... M>
void check_all(dd::type_list<M...>) {
  const dd::grid g = families()[2].uniform(7), other = families()[1].uniform(7);
  (check_run(dd::compile(M{}, g, dd::x0_model{})), ...);
  (check_run(dd::compile(M{}, dd::fixed<dd::lanes>({g, other}, {.stride = 2, .count = 2}), dd::x0_model{})), ...);
}

}  // namespace

TEST_CASE("every method keeps the rules of a combine on an odd backend") { check_all(dd::all_methods{}); }

TEST_CASE("noise too") {
  check_run(dd::compile(dd::ddim{.eta = 1}, families()[2].uniform(7), dd::x0_model{}));
}
