// SPDX-License-Identifier: MIT
#include "diffode/statistics/sums.hpp"

#include "catch.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace diffode;

namespace {

constexpr statistics_options small{.from = -1, .to = 1, .steps = 2, .elements = 6, .columns = 2, .samples = 150, .block = 7};

/// A block as a measurement would make it, from random numbers that depend on the block alone.
statistics_sums::node block(const statistics_options& o, std::uint32_t b) {
  std::mt19937 draw(b + 1);
  std::normal_distribution<double> normal(3, 1);
  statistics_sums::node n{.first = b, .blocks = 1, .cells = std::vector<statistics_cell>(o.cells())};
  const std::uint32_t each = o.samples_of(b, 1) * static_cast<std::uint32_t>(o.elements / o.columns);
  for (statistics_cell& c : n.cells)
    for (std::uint32_t k = 1; k <= each; ++k) {
      const double j = normal(draw), p = normal(draw), y = normal(draw), w = normal(draw);
      c.add(k, j, p, y, w);
    }
  return n;
}

statistics_sums whole(const statistics_options& o) {
  statistics_sums all = statistics_sums::make(o, "m");
  for (std::uint32_t b = 0; b < o.blocks(); ++b) raise(all.try_add(block(o, b)));
  return all;
}

bool same_bits(const statistics_sums& a, const statistics_sums& b) {
  const auto x = a.try_total(), y = b.try_total();
  for (std::size_t c = 0; c < x.value().size(); ++c)
    if (x.value()[c].of != y.value()[c].of) return false;
  return true;
}

std::string why(const fault& f) { return f ? f->what() : "nothing"; }
std::string why(const statistics_options& o) { return why(o.check()); }

}  // namespace

TEST_CASE("sums of numbers that come one by one are those about the mean of all") {
  std::mt19937 draw(1);
  std::normal_distribution<double> normal(100, 1);  // far from 0, where sums of squares would cancel
  std::vector<std::array<double, 4>> all;
  statistics_cell cell;
  for (int k = 1; k <= 1000; ++k) {
    const double j = normal(draw), p = normal(draw), y = p + normal(draw), w = normal(draw) - p;
    all.push_back({j, p, y, w});
    cell.add(k, j, p, y, w);
  }
  std::array<double, 4> mean{};
  for (const auto& v : all)
    for (std::size_t f = 0; f < 4; ++f) mean[f] += v[f] / 1000;
  const auto product = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (const auto& v : all) sum += (v[a] - mean[a]) * (v[b] - mean[b]);
    return sum;
  };
  // A thousand roundings of 100 in the means, of 1e4 in products of differences.
  for (std::size_t f = 0; f < 4; ++f) CHECK(cell.of[f] == Approx(mean[f]).epsilon(1e-13));
  CHECK(cell[statistics_cell::jj] == Approx(product(0, 0)).epsilon(1e-11));
  CHECK(cell[statistics_cell::pp] == Approx(product(1, 1)).epsilon(1e-11));
  CHECK(cell[statistics_cell::py] == Approx(product(1, 2)).epsilon(1e-11));
  CHECK(cell[statistics_cell::yy] == Approx(product(2, 2)).epsilon(1e-11));
  CHECK(cell[statistics_cell::pw] == Approx(product(1, 3)).epsilon(1e-11));
  CHECK(cell[statistics_cell::yw] == Approx(product(2, 3)).epsilon(1e-11));

  statistics_cell part[2];
  for (std::size_t k = 0; k < 1000; ++k) {
    const auto& v = all[k];
    k < 300 ? part[0].add(static_cast<double>(k + 1), v[0], v[1], v[2], v[3]) : part[1].add(static_cast<double>(k - 299), v[0], v[1], v[2], v[3]);
  }
  const statistics_cell joined = statistics_cell::joined(part[0], 300, part[1], 700);
  for (std::size_t f = 0; f < statistics_cell::fields; ++f) CHECK(joined.of[f] == Approx(cell.of[f]).epsilon(1e-11));
}

TEST_CASE("the sums of all samples have the same bits in whatever order blocks and shards came") {
  const statistics_options o = small;
  REQUIRE(o.blocks() == 22);  // 16 + 4 + 2, the last one of three samples
  const statistics_sums wanted = whole(o);
  CHECK(wanted.nodes().size() == 3);
  CHECK(wanted.count() == 450);
  std::mt19937 draw(2);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t shards = 1 + draw() % 5;
    std::vector<statistics_sums> parts(shards, statistics_sums::make(o, "m"));
    std::vector<std::uint32_t> order(o.blocks());
    for (std::uint32_t b = 0; b < o.blocks(); ++b) order[b] = b;
    std::shuffle(order.begin(), order.end(), draw);
    for (const std::uint32_t b : order) raise(parts[draw() % shards].try_add(block(o, b)));
    std::shuffle(parts.begin(), parts.end(), draw);
    statistics_sums all = parts[0];
    for (std::size_t k = 1; k < parts.size(); ++k) all.merge(parts[k]);
    REQUIRE(all.complete());
    CHECK(same_bits(all, wanted));
  }
}

TEST_CASE("blocks in order wait in no more nodes than the number of blocks has bits") {
  statistics_sums all = statistics_sums::make(small, "m");
  for (std::uint32_t b = 0; b < small.blocks(); ++b) {
    CHECK_FALSE(all.has(b));
    raise(all.try_add(block(small, b)));
    CHECK(all.has(b));
    CHECK(all.blocks_done() == b + 1);
    CHECK(all.nodes().size() <= 5);
  }
}

TEST_CASE("sums that do not fit are refused, and nothing changes") {
  const statistics_sums wanted = whole(small);
  statistics_sums some = statistics_sums::make(small, "m");
  raise(some.try_add(block(small, 4)));
  raise(some.try_add(block(small, 5)));
  CHECK(why(some.try_add(block(small, 5))) == "statistics_sums: block 5 is there already, needs each block once");
  CHECK(why(some.try_merge(wanted)) == "statistics_sums: block 4 is there already, needs each block once");
  statistics_options other = small;
  other.seed = 1;
  CHECK(why(some.try_merge(statistics_sums::make(other, "m"))) == "statistics_sums: options of the sums to merge differ, needs equal ones: the same lambdas, samples, blocks and seed");
  CHECK(why(some.try_merge(statistics_sums::make(small, "n"))) == "statistics_sums: model of the sums to merge is 'n', needs 'm'");
  statistics_sums::node odd = block(small, 1);
  odd.first = 22;
  CHECK(why(some.try_add(odd)) == "statistics_sums: node is 1 blocks from block 22, needs a power of two that divides the first, among 22 blocks");
  odd = block(small, 1);
  odd.blocks = 2;
  CHECK_THAT(why(some.try_add(odd)), diffode_test::starts_with("statistics_sums: node is 2 blocks from block 1, needs"));
  odd.blocks = 1;
  odd.cells.pop_back();
  CHECK(why(some.try_add(odd)) == "statistics_sums: node has 5 cells, needs 6");
  odd = block(small, 1);
  odd.cells[3].of[statistics_cell::yy] = std::numeric_limits<double>::quiet_NaN();
  CHECK(why(some.try_add(odd)) == "statistics_sums: a sum of blocks 1 to 1 at lambda 0 is nan, needs a finite number");
  CHECK(some.blocks_done() == 2);
  CHECK_THROWS_WITH(statistics_sums::make(small, "caf\xe9"), "statistics_sums: model has a letter of code 233, needs printable ASCII, 32 to 126");
  CHECK_THROWS_WITH(some.try_total().value(), "statistics_sums: blocks are 2 of 22, needs all: measure or merge the others first");
}

TEST_CASE("options that make no sense are refused") {
  const double nan = std::nan("");
  CHECK(why(small) == "nothing");
  const auto with = [](auto change) {
    statistics_options o = small;
    change(o);
    return why(o);
  };
  CHECK(with([&](auto& o) { o.from = nan; }) == "statistics_options: from is nan, needs a finite lambda");
  CHECK(with([](auto& o) { o.to = -1; }) == "statistics_options: to is -1, needs a finite lambda above from, -1");
  CHECK(with([](auto& o) { o.steps = 1; }) == "statistics_options: steps is 1, needs 2 to 1000000");
  CHECK_THAT(with([](auto& o) { o.elements = 0; }), diffode_test::starts_with("statistics_options: elements is 0, needs 1 to"));
  CHECK(with([](auto& o) { o.columns = 4; }) == "statistics_options: columns is 4, needs a divisor of elements, 6");
  CHECK(with([](auto& o) { o.columns = 0; }) == "statistics_options: columns is 0, needs a divisor of elements, 6");
  CHECK(with([](auto& o) { o.samples = 1; }) == "statistics_options: samples is 1, needs at least 2, for a variance");
  CHECK(with([](auto& o) { o.block = 0; }) == "statistics_options: block is 0, needs at least 1");
  CHECK(why(statistics_shard{3, 3}.check()) == "statistics_shard: index is 3 of 3, needs a number below 3");
  CHECK(why(statistics_shard{0, 0}.check()) == "statistics_shard: index is 0 of 0, needs a number below 1");
  // Shards share out all blocks, whatever their number.
  for (const std::uint32_t of : {1U, 3U, 22U, 40U})
    for (std::uint32_t k = 0, next = 0; k < of; ++k) {
      CHECK(statistics_shard{k, of}.first(22) == next);
      next = statistics_shard{k, of}.last(22);
      if (k + 1 == of) CHECK(next == 22);
    }
  CHECK(small.lambda(0) == -1);
  CHECK(small.lambda(1) == 0);
  CHECK(small.lambda(2) == 1);
}
