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

/// a/b, with one decimal unless it is whole.
std::string per(int a, int b) {
  const int tenths = (10 * a + b / 2) / b;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

template <dd::method M>
std::string row(const M& how) {
  const std::string name(M::name);
  constexpr int steps = 10;
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = steps});
  const dd::plan plan = dd::compile(how, grid, dd::eps_model{});
  return "| [`" + name + "`](" + "LINK" + name + ".hpp) | " + from_doc_block(name, "") + " | " + std::to_string(how.order()) + " | " +
         per(plan.calls(), steps) + " | " + per(plan.kernels(), plan.calls()) + " | " +
         std::to_string(plan.slots()) + " | " + from_doc_block(name, "Source") + " |\n";
}

template <class... M>
std::string table(dd::type_list<M...>, const std::string& link) {
  std::string all = "| method | what it is | order with an exact start | evaluations per step | kernels per evaluation | arrays, the state among them | source |\n"
                    "|---|---|---|---|---|---|---|\n";
  (all.append(row(M{})), ...);
  for (std::size_t at; (at = all.find("LINK")) != std::string::npos;) all.replace(at, 4, link);
  return all;
}

}  // namespace

TEST_CASE("the tables of methods say what the code says") {
  INFO("write them anew with: DIFFODE_UPDATE_DOCS=1 ctest --preset dev -R test_doc");
  CHECK(doc::holds(doc::root() / "docs/methods.md", "methods", table(dd::all_methods{}, "../include/diffode/method/")));
  CHECK(doc::holds(doc::root() / "README.md", "methods", table(dd::all_methods{}, "include/diffode/method/")));
}

TEST_CASE("every method states its source, order, evaluations, memory and errors in its doc block") {
  []<class... M>(dd::type_list<M...>) {
    for (const std::string& name : {std::string(M::name)...})
      for (const char* heading : {"Source", "Order", "Evaluations", "Memory", "Errors"}) {
        INFO(name << ", " << heading);
        CHECK(states(name, heading));
      }
  }(dd::all_methods{});
}
