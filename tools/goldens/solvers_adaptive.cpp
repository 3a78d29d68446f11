// SPDX-License-Identifier: MIT
#include "schedules.hpp"
#include "solvers.hpp"

#include <cmath>
#include <utility>

namespace goldens {

namespace {

using diffode::adaptive, diffode::adaptive_options, diffode::prediction;

/// An attempt, and where the run stood after it.
struct attempted {
  diffode::attempt what;
  double at, next_step;
};

struct adaptive_outcome {
  outcome seen;
  std::vector<attempted> attempts;
  std::vector<diffode::level<>> accepted;
};

/// Pulls an adaptive run. Where an attempt is taken back the references evaluate its start again: the list of evaluations
/// repeats it for the comparison, though diffode does not.
adaptive_outcome pulled(const diffode::singlestep& how, const adaptive& where, const problem& p) {
  adaptive_outcome out;
  out.seen.end = p.start.values;
  const auto form = diffode::as_form(any_meaning{p.prediction});
  auto s = diffode::adaptive_sampler<double, diffode::singlestep, std::remove_const_t<decltype(form)>>::try_make(
               how, where, form, out.seen.end, {.batch = p.start.count}).value();
  std::vector<double> answered(out.seen.end.size());
  diffode::level<> start = s.at();
  int attempts = 0;
  bool again = false;
  while (const auto call = s.next()) {
    if (again) out.seen.evaluations.push_back(start);
    again = false;
    if (call->stage == 0 && call->at.lambda == s.at().lambda) start = call->at;
    out.seen.evaluations.push_back(call->at);
    p.model(p.prediction, call->at.alpha, call->at.sigma, call->x, answered);
    s.feed(answered, [&](const diffode::sight<double>& now) {
      out.seen.states.emplace_back(now.x.begin(), now.x.end());
      out.accepted.push_back(s.at());
    });
    const diffode::run_report done = s.report();
    if (done.steps + done.rejected == attempts) continue;
    ++attempts;
    again = !s.last_attempt().accepted;
    out.attempts.push_back({s.last_attempt(), s.at().lambda, s.step_size()});
  }
  if (!s.finished()) throw wrong_case("the adaptive run did not finish");
  return out;
}

void check_accepted(const std::vector<diffode::level<>>& got, const problem& p, const closeness& close) {
  std::vector<double> sigma, wanted;
  for (const diffode::level<>& at : got) sigma.push_back(at.sigma);
  for (std::size_t i = 1; i < p.levels.size(); ++i) wanted.push_back(p.levels[i].sigma);
  close("grid.sigma", sigma, wanted);
}

std::vector<fields> read_attempts(fields& top, std::size_t got) {
  std::vector<fields> wanted = top.objects("attempts");
  if (wanted.size() != got)
    throw wrong_case("attempts: number is " + std::to_string(got) + ", needs " + std::to_string(wanted.size()));
  return wanted;
}

void same_verdict(fields& wanted, bool accepted) {
  if (wanted.flag("accepted") != accepted) throw wrong_case(wanted.name("accepted") + " is not what was decided");
  wanted.done();
}

outcome solve_dpm_adaptive(fields options, fields& top, problem& p) {
  diffode::singlestep how{.p = options.integer("order"), .form = read_form(options)};
  const std::string algorithm = options.text("algorithm");
  if (algorithm != "dpmsolver" && algorithm != "dpmsolver++") refuse(options, "algorithm", algorithm, "dpmsolver or dpmsolver++");
  how.target = algorithm == "dpmsolver" ? prediction::eps : prediction::x0;
  adaptive_options o{.from = options.number("t_start"), .to = options.number("t_end"), .rtol = options.number("rtol"),
                     .atol = options.number("atol"), .first_step = options.number("h_init"), .most_calls = 1'000'000};
  o.rule.safety = options.number("theta");
  o.within_time = options.number("t_err");
  const timed_schedule schedule = read_schedule(options.object("schedule"), o.from, o.to, false);
  read_common(options, p);
  options.done();
  adaptive_outcome got = pulled(how, adaptive(schedule.path, o), p);
  std::vector<double> from, to, error, wanted_from, wanted_to, wanted_error;
  std::vector<fields> wanted = read_attempts(top, got.attempts.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const diffode::attempt& a = got.attempts[i].what;
    from.push_back(a.from.lambda), to.push_back(a.to.lambda), error.push_back(a.error);
    wanted_from.push_back(wanted[i].number("lambda_from")), wanted_to.push_back(wanted[i].number("lambda_to"));
    wanted_error.push_back(wanted[i].number("error"));
    same_verdict(wanted[i], a.accepted);
  }
  p.close("attempts.lambda_from", from, wanted_from);
  p.close("attempts.lambda_to", to, wanted_to);
  p.close("attempts.error", error, wanted_error);
  check_accepted(got.accepted, p, p.close);
  return std::move(got.seen);
}

outcome solve_dpm_adaptive_pid(fields options, fields& top, problem& p) {
  need_space(p, "ve");
  const diffode::singlestep how{.p = options.integer("order"), .target = prediction::eps};
  const double least = options.number("sigma_min"), most = options.number("sigma_max");
  adaptive_options o{.from = most, .to = least, .rtol = options.number("rtol"), .atol = options.number("atol"),
                     .first_step = options.number("h_init"), .most_calls = 1'000'000, .rule = diffode::step_rule::k_diffusion()};
  o.rule.p = options.number("pcoeff"), o.rule.i = options.number("icoeff"), o.rule.d = options.number("dcoeff");
  o.rule.accept = options.number("accept_safety");
  o.within_lambda = 1e-5;
  read_common(options, p);
  options.done();
  adaptive_outcome got = pulled(how, adaptive(diffode::edm{.sigma_min = least, .sigma_max = most}, o), p);
  std::vector<double> after, next, error, wanted_after, wanted_next, wanted_error;
  std::vector<fields> wanted = read_attempts(top, got.attempts.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    after.push_back(got.attempts[i].at), next.push_back(got.attempts[i].next_step), error.push_back(got.attempts[i].what.error);
    wanted_after.push_back(wanted[i].number("lambda_after")), wanted_next.push_back(wanted[i].number("h_next"));
    wanted_error.push_back(wanted[i].number("error"));
    same_verdict(wanted[i], got.attempts[i].what.accepted);
  }
  p.close("attempts.lambda_after", after, wanted_after);
  p.close("attempts.h_next", next, wanted_next);
  p.close("attempts.error", error, wanted_error);
  check_accepted(got.accepted, p, p.close);
  return std::move(got.seen);
}

}  // namespace

std::span<const named_rule> adaptive_rules() {
  static constexpr named_rule all[] = {{"dpm_adaptive", solve_dpm_adaptive}, {"dpm_adaptive_pid", solve_dpm_adaptive_pid}};
  return all;
}

}  // namespace goldens
