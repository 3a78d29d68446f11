// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/statistics/options.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// What is summed up at one lambda of one column, about means, so that nothing cancels.
///
/// j       v sigma J v, J the Jacobian of eps in x and v a random sign for each element: its mean is l
/// p       -x0, the clean data as the model predicts them
/// y       x/alpha
/// w       slope of p along the flow. Then, with a = 1 - l:  f = p + a y,  f' = w - a p - (a + l') y
/// Fields  means of all four; sums of products of what j, p, y and w are off their means
struct statistics_cell {
  enum field { mean_j, mean_p, mean_y, mean_w, jj, pp, py, yy, pw, yw, fields };
  std::array<double, fields> of{};

  double operator[](field k) const { return of[k]; }

  /// One number of each more, the n-th.
  void add(double n, double j, double p, double y, double w) {
    const double dj = j - of[mean_j], dp = p - of[mean_p], dy = y - of[mean_y], dw = w - of[mean_w];
    of[mean_j] += dj / n, of[mean_p] += dp / n, of[mean_y] += dy / n, of[mean_w] += dw / n;
    const double ow = w - of[mean_w], oy = y - of[mean_y];
    of[jj] += dj * (j - of[mean_j]);
    of[pp] += dp * (p - of[mean_p]);
    of[py] += dp * oy;
    of[yy] += dy * oy;
    of[pw] += dp * ow;
    of[yw] += dy * ow;
  }

  /// The sums of both together.
  /// Source  Chan, Golub and LeVeque 1979, Updating formulae and a pairwise algorithm for computing sample variances
  static statistics_cell joined(const statistics_cell& a, double na, const statistics_cell& b, double nb) {
    const double n = na + nb, share = nb / n, both = na * share;
    std::array<double, 4> d{};
    statistics_cell c;
    for (std::size_t k = 0; k < 4; ++k) d[k] = b.of[k] - a.of[k], c.of[k] = a.of[k] + d[k] * share;
    constexpr std::pair<int, int> of_product[] = {{mean_j, mean_j}, {mean_p, mean_p}, {mean_p, mean_y},
                                                  {mean_y, mean_y}, {mean_p, mean_w}, {mean_y, mean_w}};
    for (std::size_t k = 0; k < std::size(of_product); ++k)
      c.of[jj + k] = a.of[jj + k] + b.of[jj + k] +
                     d[static_cast<std::size_t>(of_product[k].first)] * d[static_cast<std::size_t>(of_product[k].second)] * both;
    return c;
  }
};

/// The partial sums of a measurement: of any blocks of its samples, in whatever order they came.
///
/// Same bits  the finished sums depend on the options and the model alone. Blocks are the leaves of one binary tree, whose nodes
///            are added up left to right whenever both halves are there: no sharding, merging order or restart can change it
/// Memory     80 bytes a cell (row and column) for each node that waits for its other half: log2(blocks) of them at most while
///            blocks come in order
/// Errors     merge refuses sums of other options or another model, and blocks that are there already; nothing changes then
class statistics_sums {
 public:
  /// Sums of the blocks first to first + blocks - 1, a power of two that divides first.
  struct node {
    std::uint32_t first = 0, blocks = 0;
    std::vector<statistics_cell> cells;  ///< row after row
  };

  /// model   a name of the model and its data in plain ASCII, so that sums of another are not merged by mistake; may be empty
  static result<statistics_sums> try_make(const statistics_options& o, std::string_view model = {}) {
    if (const fault f = o.check()) return *f;
    for (const char letter : model)
      if (letter < ' ' || letter > '~')
        return detail::refuse(errc::bad_call, "statistics_sums: model has a letter of code ", int{static_cast<unsigned char>(letter)},
                              ", needs printable ASCII, 32 to 126");
    return statistics_sums(o, model);
  }
  static statistics_sums make(const statistics_options& o, std::string_view model = {}) { return try_make(o, model).value(); }

  const statistics_options& options() const { return options_; }
  std::string_view model() const { return {model_.data(), model_.size()}; }
  /// In the order of their samples.
  std::span<const node> nodes() const { return nodes_; }

  bool has(std::uint32_t block) const {
    for (const node& n : nodes_)
      if (block >= n.first && block - n.first < n.blocks) return true;
    return false;
  }
  std::uint32_t blocks_done() const {
    std::uint32_t sum = 0;
    for (const node& n : nodes_) sum += n.blocks;
    return sum;
  }
  bool complete() const { return blocks_done() == options_.blocks(); }
  /// Numbers in each cell of all samples together.
  double count() const { return count_of(0, options_.blocks()); }

  fault try_add(node n) {
    if (const fault f = check(n)) return f;
    insert(std::move(n));
    return {};
  }

  fault try_merge(const statistics_sums& other) {
    using detail::refuse;
    if (options_ != other.options_)
      return refuse(errc::bad_call, "statistics_sums: options of the sums to merge differ, "
                    "needs equal ones: the same lambdas, samples, blocks and seed");
    if (model_ != other.model_)
      return refuse(errc::bad_call, "statistics_sums: model of the sums to merge is '", other.model(), "', needs '", model(), "'");
    for (const node& n : other.nodes_)
      if (const fault f = check(n)) return f;
    for (const node& n : other.nodes_) insert(n);
    return {};
  }
  void merge(const statistics_sums& other) { raise(try_merge(other)); }

  /// The sums of all samples.
  result<std::vector<statistics_cell>> try_total() const {
    if (!complete())
      return detail::refuse(errc::bad_call, "statistics_sums: blocks are ", blocks_done(), " of ", options_.blocks(),
                            ", needs all: measure or merge the others first");
    std::vector<statistics_cell> all = nodes_[0].cells;
    for (std::size_t k = 1; k < nodes_.size(); ++k) {
      const double before = count_of(0, nodes_[k].first), here = count_of(nodes_[k].first, nodes_[k].blocks);
      for (std::size_t c = 0; c < all.size(); ++c) all[c] = statistics_cell::joined(all[c], before, nodes_[k].cells[c], here);
    }
    return all;
  }

 private:
  statistics_sums(const statistics_options& o, std::string_view model) : options_(o), model_(model.begin(), model.end()) {}

  double count_of(std::uint32_t first, std::uint32_t blocks) const {
    const std::size_t elements_of_a_column = options_.elements / options_.columns;
    return static_cast<double>(options_.samples_of(first, blocks)) * static_cast<double>(elements_of_a_column);
  }

  fault check(const node& n) const {
    using detail::refuse;
    const std::uint32_t all = options_.blocks();
    const bool power = n.blocks != 0 && (n.blocks & (n.blocks - 1)) == 0;
    if (!power || n.first % n.blocks != 0 || n.blocks > all || n.first > all - n.blocks)
      return refuse(errc::bad_call, "statistics_sums: node is ", n.blocks, " blocks from block ", n.first,
                    ", needs a power of two that divides the first, among ", all, " blocks");
    if (n.cells.size() != options_.cells())
      return refuse(errc::bad_shape, "statistics_sums: node has ", n.cells.size(), " cells, needs ", options_.cells());
    for (std::size_t c = 0; c < n.cells.size(); ++c)
      for (const double v : n.cells[c].of)
        if (!std::isfinite(v))
          return refuse(errc::bad_model, "statistics_sums: a sum of blocks ", n.first, " to ", n.first + n.blocks - 1, " at lambda ",
                        options_.lambda(c / options_.columns), " is ", v, ", needs a finite number");
    for (const node& o : nodes_)
      if (n.first < o.first + o.blocks && o.first < n.first + n.blocks)
        return refuse(errc::bad_call, "statistics_sums: block ", n.first > o.first ? n.first : o.first, " is there already, needs each block once");
    return {};
  }

  void insert(node n) {
    std::size_t at = 0;
    while (at < nodes_.size() && nodes_[at].first < n.first) ++at;
    nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(at), std::move(n));
    for (;;) {
      const std::uint32_t size = nodes_[at].blocks;
      const bool right = nodes_[at].first / size % 2 == 1;
      if (right && at == 0) return;
      const std::size_t left = right ? at - 1 : at;
      if (left + 1 >= nodes_.size() || nodes_[left].blocks != size || nodes_[left + 1].blocks != size ||
          nodes_[left + 1].first != nodes_[left].first + size)
        return;
      join(left);
      at = left;
    }
  }

  void join(std::size_t left) {
    node &a = nodes_[left], &b = nodes_[left + 1];
    const double na = count_of(a.first, a.blocks), nb = count_of(b.first, b.blocks);
    for (std::size_t c = 0; c < a.cells.size(); ++c) a.cells[c] = statistics_cell::joined(a.cells[c], na, b.cells[c], nb);
    a.blocks *= 2;
    nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  }

  statistics_options options_;
  std::vector<char> model_;
  std::vector<node> nodes_;
};

}  // namespace diffode
