// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"
#include "cases.hpp"
#include "contest.hpp"

#include <CLI/CLI.hpp>
#include <benchmark/benchmark.h>

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace diffode_bench {

/// "16K", "1M", "131072" or "4x64x64", as a number of elements.
inline std::size_t parse_size(const std::string& text) {
  const auto wrong = [&] { return std::invalid_argument("size is '" + text + "', needs a number above 0, with K or M at its end, or a product such as 4x64x64"); };
  std::size_t product = 1, digits = 0, number = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : 'x';
    if (c >= '0' && c <= '9' && digits < 9) {
      number = number * 10 + static_cast<std::size_t>(c - '0');
      ++digits;
    } else if ((c == 'K' || c == 'M') && digits > 0 && i + 1 == text.size()) number *= c == 'K' ? 1024 : 1024 * 1024;
    else if (c == 'x' && digits > 0 && number > 0 && product <= (std::size_t{1} << 32) / number) {
      product *= number;
      number = digits = 0;
    } else throw wrong();
  }
  return product;
}

/// What to measure.
struct options {
  std::vector<std::string> methods, elements{"float", "bfloat16", "bfloat16_default"};
  std::vector<std::size_t> sizes, threads{1, 2};
  effort work;
  diffode::instruction_set most = diffode::instruction_set::avx512;
  std::optional<std::string> against;  ///< a library of another build
  std::vector<std::string> rest;        ///< arguments of Google Benchmark, which keeps a pointer to the first

  /// Reads the command line; what it does not know goes to Google Benchmark. The status to leave with, or -1.
  int parse(const std::string& program, const std::string& about, int argc, char** argv) {
    std::vector<std::string> size_texts{"16K", "64K", "128K", "256K", "1M", "4M", "16M", "64M"};
    for (const method_case& c : cases()) methods.push_back(c.name);
    CLI::App app{about, "bench_" + program};
    app.allow_extras();
    app.add_option("--methods", methods, "which methods")->delimiter(',')->capture_default_str();
    app.add_option("--elements", elements, "element types: float, double, bfloat16, and bfloat16_default, which keeps history in float")
        ->delimiter(',')->capture_default_str()->check(CLI::IsMember({"float", "double", "bfloat16", "bfloat16_default"}));
    app.add_option("--sizes", size_texts, "elements of the state: 16K, 1M, 4x64x64")->delimiter(',')->capture_default_str();
    app.add_option("--threads", threads, "numbers of threads")->delimiter(',')->capture_default_str()->check(CLI::Range(1, 64));
    app.add_option("--seconds", work.seconds, "time for each case")->capture_default_str()->check(CLI::Range(0.0, 600.0));
    app.add_option("--rounds", work.least, "rounds of each case, at least")->capture_default_str()->check(CLI::Range(1, 10000));
    app.add_option("--offset", offset_in_page, "bytes from the start of a page to that of every array")->capture_default_str()->check(CLI::Range(0, 4032));
    const std::map<std::string, diffode::instruction_set> sets{
        {"portable", diffode::instruction_set::portable}, {"avx2", diffode::instruction_set::avx2}, {"avx512", diffode::instruction_set::avx512}};
    std::string set = "avx512";
    app.add_option("--most", set, "the best instruction set that diffode may use; loops by hand have what they were compiled for")->capture_default_str()->check(CLI::IsMember({"portable", "avx2", "avx512"}));
    app.add_option("--against", against, "library that bench_other_build made with other flags: its time over ours, in the same arrays, by turns");
    std::string json;
    app.add_option("--json", json, "file to write the results to");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      return app.exit(e) == 0 ? 0 : 2;
    }
    if (offset_in_page % 16 != 0) throw std::invalid_argument("--offset is " + std::to_string(offset_in_page) + ", needs a multiple of 16");
    most = sets.at(set);
    for (const std::string& m : methods) case_named(m);
    for (const std::string& s : size_texts) sizes.push_back(parse_size(s));
    rest = app.remaining();
    rest.insert(rest.begin(), "bench_" + program);
    if (!json.empty()) rest.insert(rest.end(), {"--benchmark_out=" + json, "--benchmark_out_format=json"});
    std::vector<char*> left;
    for (std::string& r : rest) left.push_back(r.data());
    benchmark::AddCustomContext("most", set);
    int count = static_cast<int>(left.size());
    benchmark::Initialize(&count, left.data());
    return benchmark::ReportUnrecognizedArguments(count, left.data()) ? 2 : -1;
  }
};

}  // namespace diffode_bench
