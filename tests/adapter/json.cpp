// SPDX-License-Identifier: MIT
#include "diffode/adapter/json.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"
#include "effort.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace diffode;

namespace {

solver_schedule every_choice() {
  solver_schedule s;
  s.steps.push_back({.form = solver_form::noise, .predict = {.order = 1, .amount = 0.1}});
  s.steps.push_back({.form = solver_form::v3, .start = 1, .predict = {.order = 3, .relax = relaxation::exponential, .amount = -0.5, .points = {{0}, {0, 2}}},
                     .corrector = solver_corrector::pseudo, .correct = {.order = 2, .relax = relaxation::bh1}});
  s.steps.push_back({.predict = {.order = 4, .relax = relaxation::linear, .amount = 1.0 / 3}, .corrector = solver_corrector::implicit, .correct = {.order = 5, .relax = relaxation::bh2}});
  s.times = {1, 0.7, 0.1 + 0.2, 5e-324};
  s.first = first_prediction::mean_x0;
  s.mean = {0.1, -1e300};
  return s;
}

coefficient_table some_table() { return {.rows = {{.a = 0.1, .b = {1.0 / 3}}, {.a = -2e-17, .b = {1e9, -0.0}}}, .times = {1, 0.3, 0}, .target = prediction::eps}; }

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

template <class T>
std::string message(const result<T>& r) {
  if (r) return "accepted";
  CHECK(r.reason()->code() == errc::bad_file);
  return r.reason()->what();
}
std::string refusal(const std::string& text) { return message(try_schedule_from_json(text)); }

template <class M>
bool is_planned(const M& how) {
  REQUIRE_FALSE(how.check());
  const result<grid> levels = try_from_times(vp_linear{}, how.times);
  return levels && try_compile(how, levels.value(), eps_model{});
}

const std::string small = R"({"format": "diffode-schedule/1", "times": [1, 0.5], "first": "asked",
  "steps": [{"form": "data", "predict": {"order": 2}, "corrector": "none"}]})";

}  // namespace

TEST_CASE("a schedule comes back from its file as it was, bit for bit") {
  const solver_schedule s = every_choice();
  REQUIRE_FALSE(s.check());
  const solver_schedule back = schedule_from_json(to_json(s));
  CHECK(back.steps == s.steps);
  CHECK(back.times == s.times);
  CHECK(back.first == s.first);
  CHECK(back.mean == s.mean);
  CHECK(to_json(back) == to_json(s));
}

TEST_CASE("a table of coefficients comes back from its file as it was") {
  const coefficient_table table = some_table(), back = table_from_json(to_json(table));
  CHECK(back == table);
  CHECK(std::signbit(back.rows[1].b[1]));
}

TEST_CASE("what a file leaves out is the default") {
  const solver_schedule s = schedule_from_json(small);
  REQUIRE(s.steps.size() == 1);
  CHECK(s.steps[0] == solver_step{});
}

TEST_CASE("files that are wrong are refused, with the place and what is allowed") {
  CHECK(refusal(small) == "accepted");
  CHECK(refusal("") == "schedule: the file is not JSON");
  CHECK(refusal("[1, 2") == "schedule: the file is not JSON");
  CHECK(refusal("[1, 2]") == "schedule is [1,2], needs an object");
  CHECK(refusal(std::string(1'000'000, '[') + std::string(1'000'000, ']')) == "schedule is a list of 1, needs an object");
  CHECK(refusal(replaced(small, "schedule/1", "schedule/2")) == "schedule.format is \"diffode-schedule/2\", needs one of diffode-schedule/1");
  CHECK(refusal(replaced(small, "\"format\"", "\"form\"")) == "schedule: field format is missing");
  CHECK(refusal(replaced(small, "\"asked\"", "\"asked\", \"colour\": 1")) == "schedule: field \"colour\" is not known, needs none");
  CHECK(refusal(replaced(small, "\"order\"", "\"ordre\"")) == "schedule.steps[0].predict: field \"ordre\" is not known, needs none");
  CHECK(refusal(replaced(small, "\"data\"", "\"green\"")) == "schedule.steps[0].form is \"green\", needs one of noise, data, v3");
  CHECK(refusal(replaced(small, "\"data\"", "7")) == "schedule.steps[0].form is 7, needs one of noise, data, v3");
  CHECK(refusal(replaced(small, "[1, 0.5]", "[1, \"0.5\"]")) == "schedule.times[1] is \"0.5\", needs a finite number");
  CHECK(refusal(replaced(small, "[1, 0.5]", "[1, 1e999]")) == "schedule: the file is not JSON");
  CHECK(refusal(replaced(small, "[1, 0.5]", "[1, NaN]")) == "schedule: the file is not JSON");
  CHECK(refusal(replaced(small, "[1, 0.5]", "{}")) == "schedule.times is an object, needs a list of at most 100000");
  CHECK(refusal(replaced(small, "\"order\": 2", "\"order\": 2.5")) == "schedule.steps[0].predict.order is 2.5, needs an integer of at most 1000000 in size");
  CHECK(refusal(replaced(small, "\"order\": 2", "\"order\": 1e15")) == "schedule.steps[0].predict.order is 1e+15, needs an integer of at most 1000000 in size");
  CHECK(refusal(replaced(small, "\"order\": 2", "\"order\": 7")) == "solver_schedule: steps[0].predict.order is 7, needs 1 to 4");
  CHECK(refusal(replaced(small, "[1, 0.5]", "[1]")) == "solver_schedule: number of times is 1, needs 2, one more than steps, or none");
  CHECK(refusal(replaced(small, "\"predict\": {\"order\": 2}", "\"predict\": []")) == "schedule.steps[0].predict is [], needs an object");
  CHECK(message(try_table_from_json(replaced(to_json(some_table()), "\"eps\"", "\"v\""))) == "coefficients.target is \"v\", needs one of x0, eps");
  CHECK(message(try_table_from_json(small)) == "coefficients.format is \"diffode-schedule/1\", needs one of diffode-coefficients/1");
}

TEST_CASE("changed bytes of a file make a schedule that is sound, or an error", "[fuzz]") {
  std::mt19937 draw(29);
  const std::string originals[] = {to_json(every_choice()), to_json(some_table()), small};
  const std::string spice = "{}[]\",:0123456789.-+eEtrufalsn \\\x80\xff";
  int sound = 0, refused = 0, planned = 0;
  // More with DIFFODE_FUZZ=COUNT in the environment.
  const char* const wished = std::getenv("DIFFODE_FUZZ");
  const int count = wished ? std::atoi(wished) : diffode_test::times(60'000, 6'000);
  for (int k = 0; k < count; ++k) {
    std::string text = originals[draw() % 3];
    for (unsigned changes = 1 + draw() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = draw() % text.size();
      switch (draw() % 4) {
        case 0: text[at] = static_cast<char>(draw()); break;
        case 1: text.erase(at, 1 + draw() % 8); break;
        case 2: text.insert(at, 1, spice[draw() % spice.size()]); break;
        default: text.insert(at, text.substr(draw() % text.size(), draw() % 30)); break;
      }
    }
    const result<solver_schedule> schedule = try_schedule_from_json(text);
    const result<coefficient_table> table = try_table_from_json(text);
    // What is accepted is planned, or refused by then: it reads no memory that is not its own.
    if (schedule) planned += is_planned(schedule.value());
    if (table) planned += is_planned(table.value());
    ++(schedule || table ? sound : refused);
  }
  // Both happen, or nothing was tried.
  CHECK(sound > count / 200);
  CHECK(planned > count / 300);
  CHECK(refused > count / 2);
}
