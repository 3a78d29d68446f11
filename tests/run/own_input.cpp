// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/own_input.hpp"
#include "conformance/runs.hpp"
#include "diffode/method.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

const family vp = families()[0];
constexpr std::size_t size = 12;

/// Runs both plans and compares; every evaluation of the second is asked on one address.
template <class Filter = dd::no_filter>
void check_same_run(const dd::shared_plan& shared, const dd::shared_plan& own, const Filter& limit = {}, std::span<std::byte> memory = {}) {
  check_input_slot(*own);
  std::vector<double> x(size), y, out(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = 0.1 * static_cast<double>(i) - 0.5;
  y = x;
  const dd::philox noise{.seed = 3};
  dd::sampler<double, dd::philox, Filter> a(shared, x, {}, noise, limit), b(own, y, {.memory = memory}, noise, limit);
  const auto net = sample_truth<double>(told::v, size / own->lanes().count);
  const double* bound = b.next()->x.data();
  CHECK(bound != y.data());
  while (const auto call = a.next()) {
    REQUIRE(b.next());
    CHECK(b.next()->x.data() == bound);
    CHECK(same_bits(std::vector<double>(call->x.begin(), call->x.end()), std::vector<double>(b.next()->x.begin(), b.next()->x.end())));
    net(*call, out);
    a.feed(out);
    b.feed(out);
  }
  CHECK(b.finished());
  CHECK(same_bits(x, y));
}

template <class M, class Form>
void check_method(const M& how, const Form& form, const dd::compile_options& o = {}) {
  const dd::grid g = vp.uniform(5);
  check_same_run(dd::compile(how, g, form, o), dd::compile(how, g, form, own_input(o)), dd::as_form(form).limit);
}

}  // namespace

TEST_CASE("with own_input every evaluation is asked on the same array, and the sample is the same") {
  check_method(dd::ddim{}, dd::v_model{});
  check_method(dd::heun{}, dd::v_model{});
  check_method(dd::unipc{.p = 3}, dd::v_model{}, {.denoise_at_end = true});
  check_method(dd::sde_dpmpp{}, dd::v_model{}, {.analytical_first = true});
  check_method(dd::dpmpp_2m{}, dd::v_model{}, {.watch_state = true, .watch_predicted = true, .watch_denoised = true});
}

TEST_CASE("own_input works with a second state, and with filters") {
  check_method(dd::reversible<dd::ddim>{}, dd::v_model{});
  check_method(dd::unipc{}, dd::filtered(dd::v_model{}, dd::clip{}));
  const dd::plan p = dd::compile(dd::reversible<dd::ddim>{}, vp.uniform(5), dd::v_model{}, {.own_input = true});
  CHECK(p.role(1) == dd::slot_role::partner);
  CHECK(p.role(2) == dd::slot_role::input);
  CHECK(p.input_slot() == 2);
}

TEST_CASE("own_input works with lanes") {
  const dd::fixed<dd::lanes> both({vp.uniform(5), vp.graded(5)}, {.stride = size / 2, .count = 2});
  check_same_run(dd::compile(dd::unipc{}, both, dd::v_model{}), dd::compile(dd::unipc{}, both, dd::v_model{}, {.own_input = true}));
}

TEST_CASE("a model that scales its input has its array from the start: own_input only keeps others out of it") {
  const dd::grid g = families()[1].uniform(5);
  const dd::plan shared = dd::compile(dd::dpmpp_2m{}, g, dd::edm_model{}), own = dd::compile(dd::dpmpp_2m{}, g, dd::edm_model{}, {.own_input = true});
  CHECK(shared.kernels() == own.kernels());
  CHECK(own.kernels() == own.calls() + 1);
  check_input_slot(own);
}

TEST_CASE("a run with own_input that was saved goes on to the same bits") {
  const dd::shared_plan p = dd::compile(dd::unipc{.p = 3}, vp.uniform(5), dd::v_model{}, {.own_input = true});
  std::vector<double> x(size, 0.5), y(size), out(size);
  dd::sampler<double> a(p, x), b(p, y);
  const auto net = scalar_truth(told::v);
  for (int k = 0; k < 3; ++k) {
    net(*a.next(), out);
    a.feed(out);
  }
  b.restore(a.save());
  finish<decltype(a), double>(a, net, size);
  finish<decltype(b), double>(b, net, size);
  CHECK(same_bits(x, y));
}
