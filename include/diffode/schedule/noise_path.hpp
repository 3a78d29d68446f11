// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_schedule.hpp"
#include "diffode/detail/shared.hpp"

#include <string_view>
#include <utility>

namespace diffode {

/// Any noise schedule, with its type forgotten: what a grid keeps of the schedule it was made on.
///
/// Cheap to copy (shared, immutable). A method that needs a point between two grid points gets it from here.
class noise_path {
 public:
  template <noise_schedule S>
    requires(!std::same_as<S, noise_path>)
  noise_path(S schedule)
      : self_(detail::shared<any>::make<model<S>>(std::move(schedule))), name(self_->name()) {}

  level<> at(double t) const { return self_->at(t); }
  level<> at_lambda(double lambda) const { return self_->at_lambda(lambda); }
  time_range range() const { return self_->range(); }
  fault check() const { return self_->check(); }

 private:
  struct any {
    virtual ~any() = default;
    virtual level<> at(double) const = 0;
    virtual level<> at_lambda(double) const = 0;
    virtual time_range range() const = 0;
    virtual fault check() const = 0;
    virtual std::string_view name() const = 0;
  };
  template <class S>
  struct model final : any {
    explicit model(S s) : schedule(std::move(s)) {}
    level<> at(double t) const override { return schedule.at(t); }
    level<> at_lambda(double lambda) const override { return schedule.at_lambda(lambda); }
    time_range range() const override { return schedule.range(); }
    fault check() const override { return schedule.check(); }
    std::string_view name() const override { return schedule.name; }
    S schedule;
  };
  detail::shared<any> self_;

 public:
  /// The schedule's own name, kept alive by the schedule.
  std::string_view name;
};

static_assert(noise_schedule<noise_path>);

}  // namespace diffode
