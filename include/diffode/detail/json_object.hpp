// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/core/error.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode::detail {

/// A word as a file spells it, and what it stands for.
template <class E>
struct spelled {
  const char* word;
  E meaning;
};

/// A value of a file for a message: short, and never by recursion into it.
inline std::string shown(const nlohmann::json& v) {
  bool nested = v.size() > 8;
  for (std::size_t i = 0; v.is_array() && i < v.size() && !nested; ++i) nested = v[i].is_structured();
  if (v.is_array() && nested) return "a list of " + std::to_string(v.size());
  if (v.is_object()) return "an object";
  const std::string all = v.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return all.size() <= 40 ? all : all.substr(0, 40) + "...";
}

/// Reads the fields of one JSON object and finds what is wrong with them: absent fields, other types, numbers out of range,
/// and fields that nobody asked for. The first fault counts; from then on reading gives defaults.
class json_object {
 public:
  json_object(const nlohmann::json& from, std::string where, fault& wrong) : from_(from), where_(std::move(where)), wrong_(wrong) {
    if (!from.is_object()) refuse_value(from, where_, "an object");
  }

  bool has(const char* key) const { return from_.is_object() && from_.contains(key); }

  double number(const char* key) {
    const nlohmann::json* v = field(key);
    return v ? number_of(*v, place(key)) : 0;
  }
  double number(const char* key, double otherwise) { return has(key) ? number(key) : otherwise; }
  int integer(const char* key, int otherwise) {
    if (!has(key)) return otherwise;
    const nlohmann::json* v = field(key);
    return v ? integer_of(*v, place(key)) : otherwise;
  }
  std::vector<double> numbers(const char* key) {
    std::vector<double> all;
    items(key, [&](const nlohmann::json& v, const std::string& where) { all.push_back(number_of(v, where)); });
    return all;
  }
  std::vector<std::vector<int>> lists_of_integers(const char* key) {
    std::vector<std::vector<int>> all;
    items(key, [&](const nlohmann::json& list, const std::string& where) {
      all.emplace_back();
      each_item(list, where, [&](const nlohmann::json& v, const std::string& here) { all.back().push_back(integer_of(v, here)); });
    });
    return all;
  }
  /// One of the known words.
  template <class E, std::size_t n>
  E word(const char* key, const spelled<E> (&known)[n], E otherwise) {
    const nlohmann::json* v = field(key);
    if (!v) return otherwise;
    std::string allowed;
    for (const spelled<E>& s : known) {
      if (v->is_string() && v->get_ref<const std::string&>() == s.word) return s.meaning;
      allowed += (allowed.empty() ? "" : ", ") + std::string(s.word);
    }
    refuse_value(*v, place(key), "one of " + allowed);
    return otherwise;
  }
  /// Calls f with a reader of every object in a list, in order, while nothing is wrong.
  template <class F>
  void objects(const char* key, F f) {
    items(key, [&](const nlohmann::json& v, const std::string& where) {
      json_object one(v, where, wrong_);
      f(one);
      one.done();
    });
  }
  /// The same with the one object of a field.
  template <class F>
  void object(const char* key, F f) {
    if (const nlohmann::json* v = field(key)) {
      json_object one(*v, place(key), wrong_);
      f(one);
      one.done();
    }
  }

  /// Refuses what is there and was not asked for.
  void done() {
    if (!from_.is_object()) return;
    for (auto at = from_.begin(); at != from_.end(); ++at) {
      bool known = false;
      for (const std::string& key : asked_) known = known || key == at.key();
      if (!known) say(text(std::string_view(where_), ": field ", std::string_view(shown(at.key())), " is not known, needs none"));
    }
  }

 private:
  static constexpr std::size_t most_items = 100'000;

  std::string place(const char* key) const { return where_ + "." + key; }
  const nlohmann::json* field(const char* key) {
    asked_.emplace_back(key);
    if (has(key)) return &from_[key];
    say(text(std::string_view(where_), ": field ", key, " is missing"));
    return nullptr;
  }
  double number_of(const nlohmann::json& v, const std::string& where) {
    if (v.is_number() && std::isfinite(v.get<double>())) return v.get<double>();
    refuse_value(v, where, "a finite number");
    return 0;
  }
  int integer_of(const nlohmann::json& v, const std::string& where) {
    constexpr int most = 1'000'000;
    if (v.is_number_integer() && v.get<double>() >= -most && v.get<double>() <= most) return v.get<int>();
    refuse_value(v, where, "an integer of at most " + std::to_string(most) + " in size");
    return 0;
  }
  template <class F>
  void items(const char* key, F f) {
    if (const nlohmann::json* v = field(key)) each_item(*v, place(key), f);
  }
  template <class F>
  void each_item(const nlohmann::json& list, const std::string& where, F f) {
    if (!list.is_array() || list.size() > most_items) return refuse_value(list, where, "a list of at most " + std::to_string(most_items));
    for (std::size_t i = 0; i < list.size() && !wrong_; ++i) f(list[i], where + "[" + std::to_string(i) + "]");
  }

  void refuse_value(const nlohmann::json& v, const std::string& where, const std::string& needs) {
    say(text(std::string_view(where), " is ", std::string_view(shown(v)), ", needs ", std::string_view(needs)));
  }
  void say(std::string_view what) {
    if (!wrong_) wrong_ = error(errc::bad_file, what);
  }

  const nlohmann::json& from_;
  std::string where_;
  fault& wrong_;
  std::vector<std::string> asked_;
};

}  // namespace diffode::detail
