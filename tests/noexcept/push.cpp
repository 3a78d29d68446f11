// SPDX-License-Identifier: MIT
//
// Push style without exceptions: what could be refused is planned first, by value; then the run can not fail.
#include "diffode/diffode.hpp"

#include <cstdio>
#include <vector>

namespace dd = diffode;

int main() {
  const auto levels = dd::try_karras(dd::edm{}, {.count = 8});
  const auto planned = levels ? dd::try_compile(dd::heun{}, levels.value(), dd::edm_model{}) : dd::result<dd::plan>(*levels.reason());
  if (!planned) return std::printf("failed: %s\n", planned.reason()->what()), 1;
  std::vector<float> x(6);
  dd::fill_with_noise(x, levels.value().front());
  int calls = 0;
  const auto net = [&](std::span<const float>, const dd::level<>&, std::span<float> out) {
    ++calls;
    for (float& v : out) v = 0;
  };
  const dd::run_report report = dd::sample(dd::shared_plan(planned.value()), dd::edm_network(net), x);
  if (report.outcome != dd::status::finished || calls != 15 || report.calls != 15)
    return std::printf("failed: %d calls, %d reported\n", calls, report.calls), 1;
  return 0;
}
