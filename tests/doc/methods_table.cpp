// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "doc/files.hpp"

#include <diffode/diffode.hpp>

#include <string>

namespace {

namespace dd = diffode;

/// The text after a heading such as `Source` in the doc block of a method, or its first line for no heading.
std::string from_doc_block(const std::string& method, const std::string& heading) {
  const std::vector<std::string> header = doc::lines(doc::read(doc::root() / "include/diffode/method" / (method + ".hpp")));
  std::size_t block = 0;
  for (std::size_t i = 0; i < header.size() && header[i] != "struct " + method + " {"; ++i)
    if (header[i].rfind("///", 0) == 0 && (i == 0 || header[i - 1].rfind("///", 0) != 0)) block = i;
  if (heading.empty()) return header[block].substr(4);
  std::string found;
  bool inside = false;
  for (std::size_t i = block; header[i].rfind("///", 0) == 0; ++i) {
    const std::string line = header[i].size() > 4 ? header[i].substr(4) : "";
    const bool starts = !line.empty() && line[0] != ' ';
    if (starts) inside = line.rfind(heading + " ", 0) == 0;
    if (!inside) continue;
    const std::size_t text = line.find_first_not_of(' ', starts ? heading.size() : 0);
    if (text != std::string::npos) found += (found.empty() ? "" : " ") + line.substr(text);
  }
  return found;
}

/// Whether the doc block has the heading with something after it; several may stand on one line.
bool states(const std::string& method, const std::string& heading) {
  for (const std::string& line : doc::lines(doc::read(doc::root() / "include/diffode/method" / (method + ".hpp")))) {
    const std::size_t at = line.find(" " + heading + " ");
    if (line.rfind("///", 0) == 0 && at != std::string::npos &&
        line.find_first_not_of(' ', at + heading.size() + 1) != std::string::npos)
      return true;
  }
  return false;
}

/// The block, under a heading of its own or anywhere on a line of another, up to the next heading on that line.
std::string anywhere(const std::string& method, const std::string& heading) {
  const std::string whole = from_doc_block(method, heading);
  const std::size_t next = whole.find("          ");  // headings on one line stand apart
  return next == std::string::npos ? whole : whole.substr(0, next);
}

/// A cell's text: a bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all;
  for (std::size_t at = 1; at < line.size();) {
    const std::size_t bar = line.find('|', at);
    if (bar == std::string::npos) break;
    const std::size_t first = line.find_first_not_of(' ', at), last = line.find_last_not_of(' ', bar - 1);
    all.push_back(first < bar ? line.substr(first, last - first + 1) : "");
    at = bar + 1;
  }
  return all;
}

/// The rows of docs/orders.md, which test_conformance keeps true.
std::vector<std::vector<std::string>> measured() {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : doc::lines(doc::read(doc::root() / "docs/orders.md")))
    if (line.rfind("| ", 0) == 0) rows.push_back(cells(line));
  return rows;
}

/// " | VP | VE | flow" as measured with the method's defaults.
std::string measured_orders(const std::string& method) {
  for (const std::vector<std::string>& row : measured())
    if (row.size() >= 6 && row[0] == method && row[1] == "defaults") return row[3] + " | " + row[4] + " | " + row[5];
  return "- | - | -";
}

/// a/b, with one decimal unless it is whole.
std::string per(int a, int b) {
  const int tenths = (10 * a + b / 2) / b;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

template <dd::method M>
std::string linked(const M&) {
  return "| [`" + std::string(M::name) + "`](LINK" + M::name + ".hpp)";
}

std::string order_text(int order) { return order > 0 ? std::to_string(order) : "none"; }

/// What it costs: its plan of ten steps.
template <dd::method M>
std::string cost_row(const M& how) {
  const std::string name(M::name);
  constexpr int steps = 10;
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = steps});
  const dd::plan plan = dd::compile(how, grid, dd::eps_model{});
  return linked(how) + " | " + cell(from_doc_block(name, "")) + " | " + order_text(how.order()) + " | " + measured_orders(name) + " | " +
         per(plan.calls(), steps) + " | " + per(plan.kernels(), plan.calls()) + " | " + std::to_string(plan.slots()) + " | " +
         (plan.draws_noise() ? "yes" : "no") + " |\n";
}

template <dd::method M>
std::string source_row(const M& how) {
  const std::string name(M::name);
  return linked(how) + " | " + cell(from_doc_block(name, "Source")) + " | " + cell(anywhere(name, "Names")) + " |\n";
}

template <dd::method M>
std::string behaviour_row(const M& how) {
  const std::string name(M::name);
  return linked(how) + " | " + cell(anywhere(name, "Ends")) + " | " + cell(anywhere(name, "Differs")) + " |\n";
}

template <dd::method M>
std::string short_row(const M& how) {
  const std::string name(M::name);
  constexpr int steps = 10;
  const dd::plan plan = dd::compile(how, dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = steps}), dd::eps_model{});
  return linked(how) + " | " + cell(from_doc_block(name, "")) + " | " + order_text(how.order()) + " | " + per(plan.calls(), steps) + " |\n";
}

std::string with_links(std::string all, const std::string& link) {
  for (std::size_t at; (at = all.find("LINK")) != std::string::npos;) all.replace(at, 4, link);
  return all;
}

template <class Row, class... M>
std::string table(const std::string& head, Row row, dd::type_list<M...>, const std::string& link = "../include/diffode/method/") {
  std::string all = head + "\n|";
  for (std::size_t k = 1; k < cells(head).size() + 1; ++k) all += "---|";
  all += "\n";
  (all.append(row(M{})), ...);
  return with_links(std::move(all), link);
}

/// Options that repeat a faulty program, with the order they really have: measured, or of methods with noise tested.
std::string legacy_table() {
  std::string all = "| method | option | order | what it is |\n|---|---|---|---|\n";
  for (const std::vector<std::string>& row : measured()) {
    if (row.size() < 4 || row[1].find("legacy") == std::string::npos) continue;
    const std::string order = row.size() == 4 ? "variance " + row[2] + ", drift " + row[3] : "VP " + row[3] + ", VE " + row[4] + ", flow " + row[5];
    const std::string option = row[1].substr(0, row[1].find(" (legacy)"));
    all += "| [`" + row[0] + "`](LINK" + row[0] + ".hpp) | " + (option == "(legacy)" ? "" : option) + " | " + order + " | " +
           cell(anywhere(row[0], "Legacy")) + " |\n";
  }
  return with_links(std::move(all), "../include/diffode/method/");
}

}  // namespace

TEST_CASE("the tables of methods say what the code says") {
  INFO("write them anew with: DIFFODE_UPDATE_DOCS=1 ctest --preset dev -R test_doc");
  const auto page = doc::root() / "docs/methods.md";
  const dd::all_methods all;
  const auto cost = [](const auto& m) { return cost_row(m); };
  const auto source = [](const auto& m) { return source_row(m); };
  const auto behaviour = [](const auto& m) { return behaviour_row(m); };
  const auto brief = [](const auto& m) { return short_row(m); };
  CHECK(doc::holds(page, "methods", table("| method | what it is | order | VP | VE | flow | evaluations per step | kernels per evaluation | arrays | noise |", cost, all)));
  CHECK(doc::holds(page, "sources", table("| method | source | names elsewhere |", source, all)));
  CHECK(doc::holds(page, "behaviour", table("| method | start and end | where it differs from other programs |", behaviour, all)));
  CHECK(doc::holds(page, "legacy", legacy_table()));
  CHECK(doc::holds(doc::root() / "README.md", "methods", table("| method | what it is | order with an exact start | evaluations per step |", brief, all, "include/diffode/method/")));
}

TEST_CASE("every method states its source, order, evaluations, memory, ends, differences, names and errors in its doc block") {
  []<class... M>(dd::type_list<M...>) {
    for (const std::string& name : {std::string(M::name)...})
      for (const char* heading : {"Source", "Order", "Evaluations", "Memory", "Ends", "Differs", "Names", "Errors"}) {
        INFO(name << ", " << heading);
        CHECK(states(name, heading));
      }
  }(dd::all_methods{});
}
