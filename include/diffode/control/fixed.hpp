// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/control.hpp"
#include "diffode/grid/grid.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace diffode {

/// Walks a grid, or one grid per lane, from its first level to its last.
template <coefficient R = double>
class fixed;

template <>
class fixed<double> {
 public:
  fixed(grid levels) : grid_(std::move(levels)) {}

  int steps() const { return static_cast<int>(grid_.steps()); }
  level<> at(int i) const { return grid_[static_cast<std::size_t>(i)]; }
  level<> between(double lambda) const { return grid_.path().at_lambda(lambda); }
  level<> at_time(double t) const { return grid_.path().at(t); }
  lane_map lanes() const { return {}; }
  fault check() const { return {}; }

 private:
  grid grid_;
};

/// Several samples, frames or channels of one state, each on its own grid; or all on one, for methods whose coefficients
/// differ from lane to lane anyway.
///
/// Shapes  grids.size() == map.count; all grids have the same number of steps, and infinite lambdas and repeated levels
///         at the same points. Requests that differ in these need samplers of their own
/// Costs   one grid for all: its levels are single numbers, whatever the number of lanes
template <>
class fixed<lanes> {
 public:
  fixed(std::vector<grid> grids, lane_map map) : grids_(std::move(grids)), map_(map) {}
  fixed(grid for_all, lane_map map) : grids_{std::move(for_all)}, map_(map), shared_(true) {}

  int steps() const { return static_cast<int>(grids_.front().steps()); }
  level<diffode::lanes> at(int i) const {
    std::vector<level<>> row;
    for (const grid& g : grids_) row.push_back(g[static_cast<std::size_t>(i)]);
    return join(row);
  }
  level<diffode::lanes> between(const diffode::lanes& lambda) const {
    return along(lambda, [](const noise_path& path, double here) { return path.at_lambda(here); });
  }
  level<diffode::lanes> at_time(const diffode::lanes& t) const {
    return along(t, [](const noise_path& path, double here) { return path.at(here); });
  }
  lane_map lanes() const { return map_; }
  fault check() const {
    using detail::refuse;
    if (shared_ && map_.count == 0) return refuse(errc::bad_shape, "fixed: number of lanes is 0, needs at least 1");
    if (!shared_ && (grids_.empty() || grids_.size() != map_.count))
      return refuse(errc::bad_grid, "fixed: number of grids is ", grids_.size(), ", needs one for each of the ", map_.count, " lanes");
    if (map_.stride == 0) return refuse(errc::bad_shape, "fixed: lane stride is 0, needs at least 1");
    for (std::size_t l = 1; l < grids_.size(); ++l)
      if (grids_[l].steps() != grids_[0].steps())
        return refuse(errc::bad_grid, "fixed: grid ", l, " has ", grids_[l].steps(), " steps, needs as many as grid 0, ", grids_[0].steps());
    return check_ends();
  }

 private:
  /// One level for each value of `where`, or for each grid, whichever are more: a method may go to another place in each
  /// lane although the grid is the same.
  template <class At>
  level<diffode::lanes> along(const diffode::lanes& where, At at) const {
    std::vector<level<>> row;
    for (std::size_t l = 0; l < grids_.size() || l < where.size(); ++l) row.push_back(at(grids_[shared_ ? 0 : l].path(), where[l]));
    return join(row);
  }

  /// A method lowers its order next to an infinite lambda and at a repeated level, for all lanes at once. So these have
  /// to be at the same place in every lane, or a lane would get another result than it gets alone.
  fault check_ends() const {
    const auto is_end = [](const grid& g, std::size_t i) { return !std::isfinite(g[i].lambda); };
    const auto is_repeat = [](const grid& g, std::size_t i) { return i > 0 && g[i].lambda == g[i - 1].lambda; };
    for (std::size_t l = 1; l < grids_.size(); ++l)
      if (grids_[l].denoises() != grids_[0].denoises())
        return detail::refuse(errc::bad_grid, "fixed: grid ", l, " goes ", grids_[l].denoises() ? "from noise to data" : "from data to noise",
                              ", needs the direction of grid 0: inversion and sampling are runs of their own");
    for (std::size_t l = 1; l < grids_.size(); ++l)
      for (std::size_t i = 0; i < grids_[l].size(); ++i) {
        if (is_end(grids_[l], i) != is_end(grids_[0], i))
          return detail::refuse(errc::bad_grid, "fixed: lambda of level ", i, " is ", grids_[l][i].lambda, " in grid ", l, " and ", grids_[0][i].lambda,
                                " in grid 0, needs to be finite in all lanes or in none");
        if (is_repeat(grids_[l], i) != is_repeat(grids_[0], i))
          return detail::refuse(errc::bad_grid, "fixed: level ", i, " repeats the one before in grid ", is_repeat(grids_[0], i) ? std::size_t{0} : l,
                                " alone, needs to in all lanes or in none");
      }
    return {};
  }

  std::vector<grid> grids_;
  lane_map map_;
  bool shared_ = false;  ///< one grid for all lanes
};

static_assert(control<fixed<double>, double>);
static_assert(control<fixed<lanes>, lanes>);

}  // namespace diffode
