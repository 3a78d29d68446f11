// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/method.hpp"
#include "diffode/method/ancestral.hpp"
#include "diffode/method/churn.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/ddpm.hpp"
#include "diffode/method/deis.hpp"
#include "diffode/method/dpm2.hpp"
#include "diffode/method/dpm_v3.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_2m_v2.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/dpmpp_sde.hpp"
#include "diffode/method/dual_fast.hpp"
#include "diffode/method/er_sde.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/exponential_rk.hpp"
#include "diffode/method/gradient_estimation.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/ipndm.hpp"
#include "diffode/method/lcm.hpp"
#include "diffode/method/lms.hpp"
#include "diffode/method/pndm.hpp"
#include "diffode/method/res_multistep.hpp"
#include "diffode/method/reversible.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/method/sa_solver.hpp"
#include "diffode/method/sde_dpmpp.hpp"
#include "diffode/method/seeds.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/method/singlestep_chained.hpp"
#include "diffode/method/tcd.hpp"
#include "diffode/method/unic.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/method/warm_start.hpp"

namespace diffode {

template <method... M>
struct type_list {};

/// Every method, for suites and tables that treat them all alike; without dpmpp_2m_v2, which is none that keeps constants.
using all_methods = type_list<ddim, euler, heun, dpmpp_2m, dpmpp_3m, unipc, unic<dpmpp_2m>, warm_start<heun, dpmpp_3m>, singlestep, dpm_v3,
                              ancestral<euler>, churn<heun>, ddpm, dpmpp_sde, lcm, tcd, sde_dpmpp, sa_solver<>, er_sde<>, dpm2, seeds, singlestep_chained, exponential_rk,
                              lms, ipndm, deis, rk, pndm, gradient_estimation, res_multistep, reversible<heun>, dual_fast<ddim>>;

}  // namespace diffode
