// SPDX-License-Identifier: MIT
#include "conformance/allocations.hpp"
#include "conformance/bitwise.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/run/adjoint_sampler.hpp"
#include "diffode/run/plan_gradient.hpp"
#include "run/products.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

/// One run there and back.
template <class T>
struct both_ways {
  std::vector<T> sample, gradient;
  dd::plan_gradient numbers;
  int calls, products;
};

/// For differences along the noise path, in nats or shares of a label. Where parts of the mixture change over, near sigma = 0.05 on VE, the
/// fifth derivatives are so large that 2e-4 is still off by 1e-5; a quarter of it by 1/256 of that, and rounding by 1e-16/5e-5 = 2e-12.
constexpr double small = 5e-5;

/// dF/dlabel of a model that looks at the path at its label, by differences along the path.
std::vector<double> label_product(told what, const dd::noise_path& path, const dd::adjoint_request<double>& wanted) {
  const auto along = [&](double h) {
    const dd::level<> there = path.at(wanted.call.at.label + h);
    double sum = 0;
    mixture{}.at(wanted.call.x, there, [&](std::size_t i, const truth& t) { sum += wanted.cotangent[i] * returned(what, t, there); });
    return sum;
  };
  return {slope_at_zero(along, small * wanted.call.at.label)};
}

template <class T>
both_ways<T> there_and_back(const dd::shared_plan& made, const std::vector<T>& from, told what, const dd::adjoint_options& o, const dd::noise_path* path = nullptr) {
  both_ways<T> all{from, std::vector<T>(from.size()), {}, 0, 0};
  const std::size_t each = from.size() / o.batch;
  const answer_to<T> net = sample_truth<T>(what, each);
  const product_to<T> vjp = sample_product<T>(what, each);
  std::vector<T> out(from.size());
  dd::adjoint_sampler<T> s(made, all.sample, all.gradient, o, dd::philox{.seed = 11});
  const auto answer = [&] {
    while (const auto wanted = s.next())
      if (wanted->is_product()) {
        vjp(*wanted, out);
        if constexpr (std::same_as<T, double>)
          if (path) {
            s.feed(out, label_product(what, *path, *wanted));
            continue;
          }
        s.feed(out);
      } else {
        net(wanted->call, out);
        s.feed(out);
      }
  };
  answer();
  for (std::size_t i = 0; i < from.size(); ++i) all.gradient[i] = static_cast<T>(loss_weight(i));
  s.start_backward();
  answer();
  REQUIRE(s.is_finished());
  all.numbers = s.gradient();
  all.calls = s.calls();
  all.products = s.products();
  return all;
}

/// The gradient along a direction agrees with differences of the run itself.
void check_gradient(const subject& s, const family& f, told what) {
  const dd::grid g = f.uniform(5);
  const dd::shared_plan made = s.on(g, what);
  const std::vector<double> x = start<double>(g);
  const both_ways<double> run_here = there_and_back(made, x, what, {.batch = batch});
  const answer_to<double> net = sample_truth<double>(what, dimension);
  const double scale = std::hypot(g.front().alpha, g.front().sigma);
  std::vector<double> direction(x.size());
  double along = 0, size = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    direction[i] = scale * std::sin(2.3 * static_cast<double>(i) + 1);
    along += direction[i] * run_here.gradient[i];
    size += std::abs(direction[i] * run_here.gradient[i]);
  }
  const double differences = slope_at_zero(
      [&](double h) {
        std::vector<double> moved = x;
        for (std::size_t i = 0; i < x.size(); ++i) moved[i] += h * direction[i];
        return linear_loss(run<double>(made, moved, net, batch, {.seed = 11}));
      },
      2e-4);
  INFO(s.name() << " on " << f.name << " with " << name(what) << ": " << along << ", by differences " << differences << ", of " << size);
  CHECK(std::abs(along - differences) <= 1e-6 * size);
  CHECK(same_bits(run_here.sample, run<double>(made, x, net, batch, {.seed = 11})));
  CHECK(run_here.calls == made->calls());
  CHECK(run_here.products <= made->calls());
}

/// Any number of checkpoints gives the same bits.
template <class T>
void check_checkpoints(const subject& s, const family& f, told what) {
  const dd::grid g = f.uniform(6);
  const dd::shared_plan made = s.on(g, what);
  const std::vector<T> x = start<T>(g);
  const both_ways<T> all = there_and_back(made, x, what, {.batch = batch});
  for (const int kept : {0, 1, 2, made->calls()}) {
    if (kept > made->calls()) continue;
    const both_ways<T> some = there_and_back(made, x, what, {.batch = batch, .checkpoints = kept});
    INFO(s.name() << " on " << f.name << " with " << kept << " checkpoints");
    CHECK(same_bits(some.sample, all.sample));
    CHECK(same_bits(some.gradient, all.gradient));
    CHECK(some.products == all.products);
    CHECK(some.calls <= made->calls() + made->calls() * (made->calls() - 1) / 2);
  }
}

/// Lane l of a gradient is the gradient of a run on grid l.
void check_lanes_of_gradient(const subject& s, const family& f, told what) {
  std::vector<dd::grid> grids;
  for (const double shift : {0.0, 0.07, 0.2}) {
    const double from = f.path.at(f.from).lambda + shift, to = f.path.at(f.to).lambda - 2 * shift;
    grids.push_back(dd::uniform_lambda(f.path, {.from = f.path.at_lambda(from).t, .to = f.path.at_lambda(to).t, .count = 4}));
  }
  const std::vector<double> x = start<double>(grids[0]);
  const auto planned = s.plan_lanes(dd::fixed<dd::lanes>(grids, {.stride = dimension, .count = grids.size()}), {{what}});
  const std::vector<double> all = there_and_back<double>(planned.value(), x, what, {.batch = batch}).gradient;
  for (std::size_t k = 0; k < batch; ++k) {
    const auto first = static_cast<std::ptrdiff_t>(k * dimension), last = first + static_cast<std::ptrdiff_t>(dimension);
    const dd::shared_plan alone = s.on(grids[k], what);
    std::vector<double> one(x.begin() + first, x.begin() + last), gradient(dimension), out(dimension);
    dd::adjoint_sampler<double> single(alone, one, gradient, {}, dd::philox{.seed = 11, .first_sample = static_cast<std::uint32_t>(k)});
    const auto answer = [&] {
      while (const auto wanted = single.next()) {
        if (wanted->is_product()) sample_product<double>(what, dimension)(*wanted, out);
        else sample_truth<double>(what, dimension)(wanted->call, out);
        single.feed(out);
      }
    };
    answer();
    for (std::size_t i = 0; i < dimension; ++i) gradient[i] = loss_weight(k * dimension + i);
    single.start_backward();
    answer();
    INFO(s.name() << " on " << f.name << ", lane " << k);
    CHECK(same_bits(gradient, std::vector<double>(all.begin() + first, all.begin() + last)));
  }
}

/// The gradient by the lambdas of the grid agrees with differences of the run itself.
void check_levels(const subject& s, const family& f, told what) {
  const double from = f.path.at(f.from).lambda, to = f.path.at(f.to).lambda;
  std::vector<double> lambdas;
  for (const double share : {0., 0.2, 0.55, 0.8, 1.}) lambdas.push_back(from + share * (to - from) + 0.037);
  const auto grid_of = [&](std::span<const double> at) {
    std::vector<dd::level<>> levels;
    for (const double lambda : at) levels.push_back(f.path.at_lambda(lambda));
    return dd::from_levels(f.path, levels);
  };
  const auto plan_of = [&](std::span<const double> at) { return s.plan_on(grid_of(at), {{what}}, {.every_term = true}); };
  const dd::shared_plan made = plan_of(lambdas).value();
  std::vector<double> x(dimension);
  dd::fill_with_noise(x, f.path.at_lambda(lambdas[0]), dd::philox{.seed = 7});
  const both_ways<double> here = there_and_back(made, x, what, {.coefficients = true, .labels = true}, &f.path);
  CHECK(same_bits(here.gradient, there_and_back(made, x, what, {}).gradient));
  const both_ways<double> again = there_and_back(made, x, what, {.checkpoints = 1, .coefficients = true, .labels = true}, &f.path);
  CHECK(same_bits(again.numbers.coefficients, here.numbers.coefficients));
  CHECK(same_bits(again.numbers.labels, here.numbers.labels));
  const std::vector<double> gradient = dd::gradient_of(lambdas, here.numbers, plan_of);
  const answer_to<double> net = sample_truth<double>(what, dimension);
  CHECK(same_bits(here.sample, run<double>(s.on(grid_of(lambdas), what), x, net, 1, {.seed = 11})));
  double size = 0;
  std::vector<double> differences;
  for (std::size_t n = 0; n < lambdas.size(); ++n) {
    differences.push_back(slope_at_zero(
        [&](double h) {
          std::vector<double> moved = lambdas;
          moved[n] += h;
          return linear_loss(run<double>(plan_of(moved).value(), x, net, 1, {.seed = 11}));
        },
        small));
    size = std::fmax(size, std::abs(differences[n]));
  }
  for (std::size_t n = 0; n < lambdas.size(); ++n) {
    INFO(s.name() << " on " << f.name << " with " << name(what) << ", lambda " << n << ": " << gradient[n] << ", by differences " << differences[n] << ", of " << size);
    CHECK(std::abs(gradient[n] - differences[n]) <= 1e-6 * size);
  }
}

}  // namespace

TEST_CASE("the gradient of every method agrees with differences of its runs to a millionth") {
  std::size_t subjects = 0;
  for (const subject& s : subjects_to_measure()) {
    const std::vector<family> all = families();
    for (std::size_t k = 0; k < all.size(); ++k) check_gradient(s, all[k], every_told[(k + subjects) % 5]);
    ++subjects;
  }
}

TEST_CASE("the gradient is the same, bit by bit, whether all, some or no states are kept") {
  std::size_t subjects = 0;
  for (const subject& s : all_subjects()) {
    const family f = families()[subjects % 3];
    check_checkpoints<double>(s, f, every_told[subjects % 5]);
    if (subjects++ % 4 == 0) check_checkpoints<float>(s, f, every_told[subjects % 5]);
  }
}

TEST_CASE("samples on grids of their own have the gradients that they have alone, bit by bit") {
  std::size_t subjects = 0;
  for (const subject& s : all_subjects()) {
    check_lanes_of_gradient(s, families()[subjects % 3], every_told[subjects % 5]);
    ++subjects;
  }
}

TEST_CASE("the gradient by the levels of the grid agrees with differences of the runs to a millionth") {
  std::size_t subjects = 0;
  for (const subject& s : subjects_to_measure()) {
    check_levels(s, families()[subjects % 3], every_told[subjects % 5]);
    ++subjects;
  }
}

TEST_CASE("a run for a gradient takes the memory that it says, all of it when it is made") {
  for (const char* method : {"ddim", "dpmpp_3m", "heun", "reversible", "sde_dpmpp"})
    for (const subject& s : all_subjects()) {
      if (s.method != method || !s.options.empty()) continue;
      const dd::shared_plan made = s.on(families()[0].uniform(12), told::v);
      for (const int kept : {dd::every_evaluation, 0, 1, 5})
        for (const bool coefficients : {false, true}) {
          const dd::adjoint_options o{.checkpoints = kept, .coefficients = coefficients};
          // What does not grow with the arrays is lists of numbers: the difference of two sizes is arrays alone.
          long taken[2]{}, stated[2]{};
          for (const std::size_t k : {0u, 1u}) {
            const std::size_t size = std::size_t{1024} << k;
            std::vector<float> x(size, 0.5f), dx(size, 1.f), out(size);
            stated[k] = static_cast<long>(dd::adjoint_sampler<float>::bytes(*made, size, o));
            const long before = allocated_bytes;
            dd::adjoint_sampler<float> running(made, x, dx, o);
            taken[k] = allocated_bytes - before;
            const auto answer = [&] {
              while (const auto wanted = running.next()) {
                const std::span<const float> in = wanted->is_product() ? wanted->cotangent : wanted->call.x;
                for (std::size_t i = 0; i < size; ++i) out[i] = in[i] / 2;
                running.feed(out);
              }
            };
            const long made_then = allocations;
            answer();
            running.start_backward();
            answer();
            const long made_since = allocations - made_then;
            CHECK(made_since == 0);
          }
          INFO(s.name() << " with " << kept << " checkpoints");
          CHECK(taken[1] - taken[0] == stated[1] - stated[0]);
          CHECK(stated[1] == 2 * stated[0]);
        }
    }
}
