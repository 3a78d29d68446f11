// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/parameterisation.hpp"

#include <cmath>

namespace diffode {

/// The model returns the noise: F = eps.
/// Source  Ho et al. 2020, arXiv:2006.11239      Needs  alpha > 0 where x0 is wanted
struct eps_model {
  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    return {1 / at.alpha, -at.sigma / at.alpha};
  }
  template <coefficient R>
  affine<R> eps(const level<R>&) const {
    return {0, 1};
  }
};

/// The model returns the clean data: F = x0 ("sample" in diffusers).
struct x0_model {
  template <coefficient R>
  affine<R> x0(const level<R>&) const {
    return {0, 1};
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    return {1 / at.sigma, -at.alpha / at.sigma};
  }
};

/// The model returns F = (alpha*eps - sigma*x0) / n with n = sqrt(alpha^2 + sigma^2), which is 1 on VP schedules.
/// Source  Salimans and Ho 2022, arXiv:2202.00512, appendix D
struct v_model {
  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    const R n = hypot(at.alpha, at.sigma);
    return {at.alpha / (n * n), -at.sigma / n};
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    const R n = hypot(at.alpha, at.sigma);
    return {at.sigma / (n * n), at.alpha / n};
  }
};

/// The model returns the velocity of the straight path: F = eps - x0.
/// Source  Liu et al. 2022, arXiv:2209.03003; Lipman et al. 2022, arXiv:2210.02747
struct flow_model {
  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    const R w = at.alpha + at.sigma;
    return {1 / w, -at.sigma / w};
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    const R w = at.alpha + at.sigma;
    return {1 / w, at.alpha / w};
  }
};

/// The model returns the score: F = -eps/sigma.
/// Source  Song et al. 2021, arXiv:2011.13456
struct score_model {
  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    return {1 / at.alpha, at.sigma * at.sigma / at.alpha};
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    return {0, -at.sigma};
  }
};

/// EDM preconditioning: x0 = c_skip*y + c_out*F(c_in*y, ln(rho)/4) with y = x/alpha and rho = sigma/alpha.
///
/// Source  Karras et al. 2022, arXiv:2206.00364, table 1. Written in (alpha, sigma) so that no term divides by alpha.
/// sigma_data  standard deviation of the data, above 0;  negated  the sign of c_out as SVD and diffusers' v variant have it
struct edm_model {
  double sigma_data = 0.5;
  bool negated = false;

  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    const R n = norm(at);
    return {sigma_data * sigma_data * at.alpha / (n * n), sign() * sigma_data * at.sigma / n};
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    const R n = norm(at);
    return {at.sigma / (n * n), -sign() * sigma_data * at.alpha / n};
  }
  template <coefficient R>
  R input_scale(const level<R>& at) const {
    return 1 / norm(at);
  }
  template <coefficient R>
  R label(const level<R>& at) const {
    return at.lambda * -0.25;
  }
  fault check() const {
    if (std::isfinite(sigma_data) && sigma_data > 0) return {};
    return detail::refuse(errc::bad_model, "edm_model: sigma_data is ", sigma_data, ", needs a finite number above 0");
  }

 private:
  template <coefficient R>
  R norm(const level<R>& at) const {
    return hypot(at.sigma, at.alpha * sigma_data);
  }
  double sign() const { return negated ? -1 : 1; }
};

/// A model trained on a VP schedule that runs in another frame (VE, as in k-diffusion): it is shown x / sqrt(alpha^2 + sigma^2).
template <parameterisation P>
struct vp_input {
  P inner{};

  template <coefficient R>
  affine<R> x0(const level<R>& at) const {
    return inner.x0(at);
  }
  template <coefficient R>
  affine<R> eps(const level<R>& at) const {
    return inner.eps(at);
  }
  template <coefficient R>
  R input_scale(const level<R>& at) const {
    return input_scale_of(inner, at) / hypot(at.alpha, at.sigma);
  }
  template <coefficient R>
  R label(const level<R>& at) const {
    return label_of(inner, at);
  }
  fault check() const {
    if constexpr (requires { inner.check(); }) return inner.check();
    else return {};
  }
};

}  // namespace diffode
