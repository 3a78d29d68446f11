// SPDX-License-Identifier: MIT
#pragma once

#include "records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace diffode_bench {

/// Rows by columns of numbers, some of which may be missing.
struct table {
  std::string title, corner;
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::vector<std::optional<double>>>> rows;
  std::string format = "{:.2f}";

  std::string cell(const std::optional<double>& v) const { return v ? fmt::format(fmt::runtime(format), *v) : "-"; }

  std::string plain() const {
    std::string out = fmt::format("\n{}\n{:22}", title, corner);
    for (const std::string& c : columns) out += fmt::format(" {:>9}", c);
    for (const auto& [name, cells] : rows) {
      out += fmt::format("\n{:22}", name);
      for (const auto& v : cells) out += fmt::format(" {:>9}", cell(v));
    }
    return out + "\n";
  }

  std::string markdown() const {
    std::string out = fmt::format("\n{}:\n\n| {} |", title, corner), line = "|---|";
    for (const std::string& c : columns) out += fmt::format(" {} |", c), line += "---:|";
    out += "\n" + line;
    for (const auto& [name, cells] : rows) {
      out += fmt::format("\n| {} |", name);
      for (const auto& v : cells) out += fmt::format(" {} |", cell(v));
    }
    return out + "\n";
  }
};

inline std::string size_name(std::size_t size) {
  if (size % (1024 * 1024) == 0) return fmt::format("{} M", size / (1024 * 1024));
  if (size % 1024 == 0) return fmt::format("{} K", size / 1024);
  return fmt::format("{}", size);
}

template <class T>
std::vector<T> distinct(const std::vector<record>& all, T record::* field) {
  std::vector<T> values;
  for (const record& r : all)
    if (std::find(values.begin(), values.end(), r.*field) == values.end()) values.push_back(r.*field);
  return values;
}
inline std::vector<std::size_t> sizes_of(const std::vector<record>& all) {
  std::vector<std::size_t> sizes = distinct(all, &record::size);
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

/// The number of a case, if it was measured.
using number_of = std::function<std::optional<double>(const record&)>;

/// Methods by sizes, one table for each program, element type and number of threads of a build.
inline std::vector<table> by_size(const std::vector<record>& all, const std::string& build, const std::string& what, const number_of& number,
                                  const std::string& format = "{:.2f}") {
  std::vector<table> tables;
  for (const std::string& program : distinct(all, &record::program))
    for (const std::string& element : distinct(all, &record::element))
      for (const std::size_t threads : distinct(all, &record::threads)) {
        table t{fmt::format("{}: {}, {}, {} thread{}", program, what, element, threads, threads == 1 ? "" : "s"), "method", {}, {}, format};
        const std::vector<std::size_t> sizes = sizes_of(all);
        for (const std::size_t s : sizes) t.columns.push_back(size_name(s));
        for (const std::string& method : distinct(all, &record::method)) {
          std::vector<std::optional<double>> cells(sizes.size());
          bool some = false;
          for (const record& r : all)
            if (r.build == build && r.program == program && r.element == element && r.threads == threads && r.method == method) {
              auto& cell = cells[static_cast<std::size_t>(std::find(sizes.begin(), sizes.end(), r.size) - sizes.begin())];
              cell = number(r);
              some = some || cell.has_value();
            }
          if (some) t.rows.emplace_back(method, cells);
        }
        if (!t.rows.empty()) tables.push_back(std::move(t));
      }
  return tables;
}

/// How the time of the portable build compares with that of the native one, for a case of the native one: in the same run, or as
/// results of before there were such runs have it.
inline number_of portable_to_native(const std::vector<record>& all) {
  return [&all](const record& native) -> std::optional<double> {
    if (native.other > 0) return native.other;
    for (const record& r : all)
      if (r.build == "portable" && std::tie(r.program, r.method, r.element, r.size, r.threads) ==
                                       std::tie(native.program, native.method, native.element, native.size, native.threads))
        return r.ns / native.ns;
    return std::nullopt;
  };
}

/// Errors of one problem and measure, methods by budgets of evaluations.
inline std::vector<table> by_evaluations(const json& points) {
  std::vector<table> tables;
  for (const json& p : points) {
    const std::string title = p.at("problem").get<std::string>() + ": " + p.at("measure").get<std::string>();
    auto t = std::find_if(tables.begin(), tables.end(), [&](const table& have) { return have.title == title; });
    if (t == tables.end()) t = tables.insert(t, {title, "method", {}, {}, "{:.3g}"});
    const std::string column = fmt::format("{}", p.at("budget").get<int>()), method = p.at("method");
    auto c = std::find(t->columns.begin(), t->columns.end(), column);
    if (c == t->columns.end()) {
      c = t->columns.insert(c, column);
      for (auto& [name, cells] : t->rows) cells.resize(t->columns.size());
    }
    if (t->rows.empty() || t->rows.back().first != method) t->rows.push_back({method, std::vector<std::optional<double>>(t->columns.size())});
    t->rows.back().second[static_cast<std::size_t>(c - t->columns.begin())] = p.at("error").get<double>();
  }
  return tables;
}

}  // namespace diffode_bench
