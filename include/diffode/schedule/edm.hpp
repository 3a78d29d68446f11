// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/schedule/ve.hpp"

namespace diffode {

/// The path of EDM: that of `ve`, with the ends and the data deviation of that paper.
///
/// Source  Karras et al. 2022, arXiv:2206.00364, table 1, column "Ours"
/// Units   t = sigma in [sigma_min, sigma_max], alpha = 1; sigma_data: standard deviation of the data, which the
///         preconditioning of the model needs and the path does not
/// Label   sigma; the model's own label ln(sigma)/4 belongs to the model's parameterisation
/// Ends    lambda = +inf answers sigma = t = 0
/// Errors  refuses sigma_min <= 0, sigma_max <= sigma_min, sigma_data <= 0 and numbers that are not finite
struct edm {
  double sigma_min = 0.002, sigma_max = 80, sigma_data = 0.5;

  static constexpr std::string_view name = "edm";

  level<> at(double t) const { return ve{}.at(t); }
  level<> at_lambda(double lambda) const { return ve{}.at_lambda(lambda); }
  time_range range() const { return {sigma_min, sigma_max}; }

  fault check() const {
    if (const fault f = detail::check_sigma_ends(name, sigma_min, sigma_max)) return f;
    if (!(std::isfinite(sigma_data) && sigma_data > 0))
      return detail::refuse(errc::bad_schedule, name, ": sigma_data is ", sigma_data,
                            ", needs a finite number above 0");
    return {};
  }
};

static_assert(noise_schedule<edm>);

}  // namespace diffode
