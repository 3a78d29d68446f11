// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/json_object.hpp"
#include "diffode/method/coefficient_table.hpp"
#include "diffode/method/solver_schedule.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

inline constexpr const char *schedule_format = "diffode-schedule/1", *coefficients_format = "diffode-coefficients/1";
inline constexpr std::size_t most_file_bytes = 64u << 20;

inline constexpr spelled<solver_form> forms[] = {{"noise", solver_form::noise}, {"data", solver_form::data}, {"v3", solver_form::v3}};
inline constexpr spelled<solver_corrector> correctors[] = {
    {"none", solver_corrector::none}, {"pseudo", solver_corrector::pseudo}, {"implicit", solver_corrector::implicit}};
inline constexpr spelled<relaxation> relaxations[] = {{"factor", relaxation::factor}, {"linear", relaxation::linear}, {"exponential", relaxation::exponential},
                                                      {"bh1", relaxation::bh1},       {"bh2", relaxation::bh2}};
inline constexpr spelled<first_prediction> firsts[] = {
    {"asked", first_prediction::asked}, {"zero_x0", first_prediction::zero_x0}, {"mean_x0", first_prediction::mean_x0}};
inline constexpr spelled<prediction> targets[] = {{"x0", prediction::x0}, {"eps", prediction::eps}};

template <class E, std::size_t n>
const char* word_of(const spelled<E> (&known)[n], E meaning) {
  for (const spelled<E>& s : known)
    if (s.meaning == meaning) return s.word;
  return "";
}

inline nlohmann::ordered_json to_object(const expansion& e) {
  nlohmann::ordered_json j{{"order", e.order}, {"relaxation", word_of(relaxations, e.relax)}, {"amount", e.amount}};
  if (!e.points.empty()) j["points"] = e.points;
  return j;
}
inline void read(json_object& from, expansion& e) {
  e.order = from.integer("order", e.order);
  if (from.has("relaxation")) e.relax = from.word("relaxation", relaxations, e.relax);
  e.amount = from.number("amount", e.amount);
  if (from.has("points")) e.points = from.lists_of_integers("points");
}

/// The object that `text` is, read by `f`, which gets a reader of it: nothing in it may be left unread.
template <class T, class F>
result<T> from_text(std::string_view who, std::string_view text, const char* format, F f) {
  if (text.size() > most_file_bytes) return refuse(errc::bad_file, who, ": the file has ", text.size(), " bytes, needs at most ", most_file_bytes);
  const nlohmann::json whole = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (whole.is_discarded()) return refuse(errc::bad_file, who, ": the file is not JSON");
  fault wrong;
  T made;
  json_object from(whole, std::string(who), wrong);
  const spelled<bool> only[] = {{format, true}};
  from.word("format", only, false);
  f(from, made);
  from.done();
  if (wrong) return *wrong;
  if (const fault unfit = made.check()) return error(errc::bad_file, unfit->what());
  return made;
}

}  // namespace detail

/// A schedule as JSON text; statistics of v3 steps are not in it, they have files of their own. Numbers read back to the same bits.
inline std::string to_json(const solver_schedule& s) {
  nlohmann::ordered_json j{{"format", detail::schedule_format}, {"times", s.times}, {"first", detail::word_of(detail::firsts, s.first)}};
  if (!s.mean.empty()) j["mean"] = s.mean;
  j["steps"] = nlohmann::ordered_json::array();
  for (const solver_step& step : s.steps) {
    nlohmann::ordered_json one{{"form", detail::word_of(detail::forms, step.form)}, {"start", step.start}, {"predict", detail::to_object(step.predict)},
                               {"corrector", detail::word_of(detail::correctors, step.corrector)}};
    if (step.corrector != solver_corrector::none) one["correct"] = detail::to_object(step.correct);
    j["steps"].push_back(std::move(one));
  }
  return j.dump(1) + "\n";
}

/// The schedule that a text holds.
/// Errors  refuses text that is not JSON, another format, fields that are missing, unknown or of another type, numbers that
///         are not finite, and what the schedule's own check refuses; all as errc::bad_file
inline result<solver_schedule> try_schedule_from_json(std::string_view text, const model_statistics& statistics = model_statistics::data_prediction()) {
  return detail::from_text<solver_schedule>("schedule", text, detail::schedule_format, [&](detail::json_object& from, solver_schedule& s) {
    s.statistics = statistics;
    s.times = from.numbers("times");
    s.first = from.word("first", detail::firsts, s.first);
    if (from.has("mean")) s.mean = from.numbers("mean");
    from.objects("steps", [&](detail::json_object& one) {
      solver_step& step = s.steps.emplace_back();
      step.form = one.word("form", detail::forms, step.form);
      step.start = one.integer("start", 0);
      one.object("predict", [&](detail::json_object& e) { read(e, step.predict); });
      step.corrector = one.word("corrector", detail::correctors, step.corrector);
      if (one.has("correct")) one.object("correct", [&](detail::json_object& e) { read(e, step.correct); });
    });
  });
}
inline solver_schedule schedule_from_json(std::string_view text, const model_statistics& statistics = model_statistics::data_prediction()) {
  return try_schedule_from_json(text, statistics).value();
}

/// A table of coefficients as JSON text. Numbers read back to the same bits.
inline std::string to_json(const coefficient_table& table) {
  nlohmann::ordered_json j{{"format", detail::coefficients_format}, {"target", detail::word_of(detail::targets, table.target)}, {"times", table.times}};
  j["rows"] = nlohmann::ordered_json::array();
  for (const coefficient_row& row : table.rows) j["rows"].push_back({{"a", row.a}, {"b", row.b}});
  return j.dump(1) + "\n";
}

/// The table that a text holds.  Errors  as try_schedule_from_json
inline result<coefficient_table> try_table_from_json(std::string_view text) {
  return detail::from_text<coefficient_table>("coefficients", text, detail::coefficients_format, [](detail::json_object& from, coefficient_table& table) {
    table.target = from.word("target", detail::targets, table.target);
    table.times = from.numbers("times");
    from.objects("rows", [&](detail::json_object& one) {
      table.rows.emplace_back().a = one.number("a");
      table.rows.back().b = one.numbers("b");
    });
  });
}
inline coefficient_table table_from_json(std::string_view text) { return try_table_from_json(text).value(); }

}  // namespace diffode
