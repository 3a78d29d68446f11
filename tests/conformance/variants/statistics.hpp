// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/variants/variants_of.hpp"
#include "diffode/method.hpp"

#include <string>
#include <vector>

namespace diffode_test {

/// On the two statistics that hold at every lambda. Those on a table hold on its lambdas only, see tests/method/dpm_v3.cpp;
/// there too the corrector of the same order, whose leading error is so small that its order shows at more steps only.
template <>
inline void add_variants<diffode::dpm_v3>(std::vector<subject>& all) {
  using diffode::v3_corrector;
  const diffode::dpm_v3 data{}, noise{.statistics = diffode::model_statistics::noise_prediction(), .target = diffode::prediction::eps};
  const struct {
    v3_corrector how;
    const char* name;
  } correctors[] = {{v3_corrector::none, "no corrector"}, {v3_corrector::same_order, "corrector of same order"},
                    {v3_corrector::pseudo, "pseudo-order corrector"}, {v3_corrector::full, "full corrector"}};
  const auto add = [&](diffode::dpm_v3 how, int p, bool pseudo, v3_corrector corrector, std::string options) {
    how.p = p;
    how.pseudo = pseudo;
    how.corrector = corrector;
    if (how.target == diffode::prediction::eps) options += ", noise prediction";
    all.push_back(subject_of(how, "p = " + std::to_string(p) + options));
  };
  for (int p = 1; p <= 3; ++p)
    for (const auto& c : correctors) {
      const std::string options = std::string(", ") + c.name;
      if (c.how != v3_corrector::same_order || p == 1) {
        if (c.how != v3_corrector::full || p != 3) add(data, p, false, c.how, options);
        add(noise, p, false, c.how, options);
      }
      if (p == 3) add(data, p, true, c.how, ", pseudo-order, " + std::string(c.name));
    }
  all.push_back(subject_of(diffode::dpm_v3{.pseudo = true, .corrected_above = 0.5}, "p = 3, pseudo-order, corrected above 0.5"));
}

}  // namespace diffode_test
