// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

namespace diffode_bench {

/// One line for each case, in the words of the performance page.
class table_reporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    std::printf("%-40s %7s %12s %7s %7s %7s %9s %9s %9s %9s\n", "case: method/element/size/threads", "bytes", "time", "GB/s", "copy", "triad", "of triad",
                "to hand", "textbook", "other");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& r : runs) {
      const std::string name = r.run_name.function_name;
      if (r.error_occurred) {
        std::printf("%-40s %s\n", name.c_str(), r.error_message.c_str());
        ++failures_;
        continue;
      }
      const auto at = [&](const char* counter) { return static_cast<double>(r.counters.at(counter)); };
      const std::string other = r.counters.count("other") ? std::to_string(at("other")).substr(0, 5) : "-";
      std::printf("%-40s %7.1f %9.2f us %7.1f %7.1f %7.1f %9.2f %9.3f %9.2f %9s\n", name.substr(name.find('/') + 1).c_str(), at("bytes"),
                  at("ns") / 1e3, at("speed") / 1e9, at("copy") / 1e9, at("triad") / 1e9, at("of_triad"), at("hand"), at("textbook"), other.c_str());
      std::fflush(stdout);
    }
  }

  int failures() const { return failures_; }

 private:
  int failures_ = 0;
};

/// What the results have to say about how the program was built.
inline void describe_build() {
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", __VERSION__);
#elif defined(__GNUC__)
  benchmark::AddCustomContext("compiler", "GCC " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", DIFFODE_BENCH_FLAGS);
}

}  // namespace diffode_bench
