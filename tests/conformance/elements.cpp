// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/run/start.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace diffode_test;

namespace {

namespace dd = diffode;

const char* const page = DIFFODE_SOURCE_DIR "/docs/element_types.md";
constexpr std::size_t size = 512;
constexpr int step_counts[] = {10, 20, 50};

/// The result of a run with these element types. The model is exact but for the rounding of what it reads and answers.
template <class State, class History, class Model>
std::vector<double> result_of(const subject& s, const dd::grid& g) {
  using sampler = dd::sampler<State, dd::philox, dd::no_filter, dd::cpu, History, Model>;
  const dd::shared_plan made = s.on(g, told::eps, sampler::planned({}));
  std::vector<State> x(size);
  dd::fill_with_noise(x, g.front(), dd::philox{.seed = 3});
  std::vector<Model> out(size);
  sampler run(made, x, {}, dd::philox{.seed = 4});
  const mixture data;
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < size; ++i) out[i] = Model(data.at(static_cast<double>(call->x[i]), call->at).eps);
    run.feed(out);
  }
  std::vector<double> result(size);
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<double>(x[i]);
  return result;
}

/// Root mean square of the difference to a run in double, over that of the run in double.
double relative(const std::vector<double>& a, const std::vector<double>& truth) {
  double off = 0, all = 0;
  for (std::size_t i = 0; i < size; ++i) off += (a[i] - truth[i]) * (a[i] - truth[i]), all += truth[i] * truth[i];
  return std::sqrt(off / all);
}

struct choice {
  const char* title;
  std::vector<double> (*run)(const subject&, const dd::grid&);
  double most;  ///< that the error may be, for every method
};

const choice choices[] = {
    {"float", &result_of<float, float, float>, 2e-6},
    {"float, model bfloat16", &result_of<float, float, dd::bfloat16>, 6e-3},
    {"float, model float16", &result_of<float, float, dd::float16>, 1e-3},
    {"bfloat16, history float", &result_of<dd::bfloat16, float, dd::bfloat16>, 0.025},
    {"all bfloat16", &result_of<dd::bfloat16, dd::bfloat16, dd::bfloat16>, 0.025},
    {"float16, history float", &result_of<dd::float16, float, dd::float16>, 2.5e-3},
    {"all float16", &result_of<dd::float16, dd::float16, dd::float16>, 2.5e-3},
};

const char* const introduction = R"(# Element types

What the element types of the state, of the sampler's own arrays (history) and of what the model reads and answers cost in
accuracy. Arithmetic is in float everywhere but in the run in double; every stored number is rounded once, to nearest even.

Each cell is the error at 10 / 20 / 50 steps: root mean square difference to the same run with double arrays, over the root
mean square of its result; 512 numbers, the exact eps model of a mixture of three normals on the VP path from t = 0.8 to 0.02,
levels equidistant in lambda, each method of `all_methods` with its defaults. The model itself computes in double, so what
is shown is the rounding of its input and output, and of what is stored in between. Unless a column says otherwise, all
arrays have the type that it names; for 16 bits, history in float is the default.

What it shows: a model that speaks bfloat16 or float16 costs about one rounding of its own. A state of 16 bits is rounded after
every step, and those errors add up with the number of steps, whatever the history is kept in. So keep the state in float
where you can, and let the model have its type (`compile_options::own_input`, `sampler<float, ..., Model>`).

The page is written by a test: build `test_conformance` and run it with `DIFFODE_UPDATE_DOCS=1` in its environment.

)";

/// The first subject of each method.
std::vector<const subject*> methods() {
  std::vector<const subject*> all;
  for (const subject& s : all_subjects())
    if (all.empty() || all.back()->method != s.method) all.push_back(&s);
  return all;
}

std::string table() {
  std::ostringstream page_text;
  page_text << introduction << "| method |";
  for (const choice& c : choices) page_text << ' ' << c.title << " |";
  page_text << "\n|---|";
  for (std::size_t k = 0; k < std::size(choices); ++k) page_text << "---|";
  page_text << '\n';
  const family vp = families()[0];
  for (const subject* s : methods()) {
    std::vector<std::string> cells(std::size(choices));
    for (const int steps : step_counts) {
      const dd::grid g = vp.uniform(steps);
      const std::vector<double> truth = result_of<double, double, double>(*s, g);
      for (std::size_t k = 0; k < std::size(choices); ++k) {
        const double error = relative(choices[k].run(*s, g), truth);
        INFO(s->name() << ", " << choices[k].title << ", " << steps << " steps: error " << error);
        CHECK(error < choices[k].most);
        char text[32];
        std::snprintf(text, sizeof text, "%s%.1e", cells[k].empty() ? "" : " / ", error);
        cells[k] += text;
      }
    }
    page_text << "| " << s->name() << " |";
    for (const std::string& c : cells) page_text << ' ' << c << " |";
    page_text << '\n';
  }
  return page_text.str();
}

/// The same words, and numbers that differ by a fifth at most: coefficients may differ in their last bit between
/// libraries of mathematical functions, and rounding goes on from there.
bool agree(const std::string& a, const std::string& b) {
  std::istringstream from_a(a), from_b(b);
  std::string word_a, word_b;
  while (from_a >> word_a) {
    if (!(from_b >> word_b)) return false;
    char *end_a = nullptr, *end_b = nullptr;
    const double x = std::strtod(word_a.c_str(), &end_a), y = std::strtod(word_b.c_str(), &end_b);
    const bool numbers = *end_a == '\0' && *end_b == '\0';
    if (numbers ? std::fabs(x - y) > 0.2 * std::fmax(x, y) : word_a != word_b) return false;
  }
  return !(from_b >> word_b);
}

}  // namespace

TEST_CASE("rounding of 16-bit and float arrays stays as small as docs/element_types.md says, for every method") {
  const std::string now = table();
  std::ifstream from(page);
  std::ostringstream before;
  before << from.rdbuf();
  if (agree(now, before.str())) return;
  if (std::getenv("DIFFODE_UPDATE_DOCS")) {
    std::ofstream(page) << now;
    return;
  }
  FAIL("docs/element_types.md is not what was measured; run test_conformance with DIFFODE_UPDATE_DOCS=1 to write it. Measured:\n" << now);
}
