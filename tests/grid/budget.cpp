// SPDX-License-Identifier: MIT
#include "diffode/grid/budget.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

using orders = std::vector<int>;

TEST_CASE("singlestep_orders: the orders add up to the budget and end low") {
  CHECK(singlestep_orders(1, 3) == orders{1});
  CHECK(singlestep_orders(2, 3) == orders{2});
  CHECK(singlestep_orders(3, 3) == orders{2, 1});
  CHECK(singlestep_orders(9, 3) == orders{3, 3, 2, 1});
  CHECK(singlestep_orders(10, 3) == orders{3, 3, 3, 1});
  CHECK(singlestep_orders(11, 3) == orders{3, 3, 3, 2});
  CHECK(singlestep_orders(6, 2) == orders{2, 2, 2});
  CHECK(singlestep_orders(7, 2) == orders{2, 2, 2, 1});
  CHECK(singlestep_orders(3, 1) == orders{1, 1, 1});
  for (int order = 1; order <= 3; ++order)
    for (int n = 1; n <= 30; ++n) {
      int sum = 0;
      for (const int k : singlestep_orders(n, order)) sum += k;
      CHECK(sum == n);
    }
}

TEST_CASE("singlestep_fixed_orders: whole steps, as many as fit") {
  CHECK(singlestep_fixed_orders(9, 3) == orders{3, 3, 3});
  CHECK(singlestep_fixed_orders(11, 3) == orders{3, 3, 3});
  CHECK(singlestep_fixed_orders(7, 2) == orders{2, 2, 2});
  CHECK(singlestep_fixed_orders(2, 1) == orders{1, 1});
}

TEST_CASE("chained_orders: the orders go up, and the last one is 1 where it has to be") {
  CHECK(chained_orders({.updates = 6, .order = 3}) == orders{1, 2, 3, 1, 2, 1});
  CHECK(chained_orders({.updates = 7, .order = 3}) == orders{1, 2, 3, 1, 2, 3, 1});
  CHECK(chained_orders({.updates = 8, .order = 3, .ends_clean = false}) == orders{1, 2, 3, 1, 2, 3, 1, 2});
  CHECK(chained_orders({.updates = 4, .order = 2}) == orders{1, 2, 1, 1});
  CHECK(chained_orders({.updates = 4, .order = 2, .lower_final = false, .ends_clean = false}) ==
        orders{1, 2, 1, 2});
  CHECK(chained_orders({.updates = 1, .order = 3}) == orders{1});
}

TEST_CASE("budgets: refusals name argument, value and what is allowed") {
  CHECK(message(try_singlestep_orders(0, 3)) == "singlestep_orders: evaluations is 0, needs at least 1");
  CHECK(message(try_singlestep_orders(5, 7)) ==
        "singlestep_orders: order is 7, needs an integer from 1 to 3");
  CHECK(message(try_singlestep_fixed_orders(0, 3)) == "singlestep_fixed_orders: evaluations is 0, needs at least 1");
  CHECK(message(try_singlestep_fixed_orders(2, 3)) == "singlestep_fixed_orders: evaluations is 2, needs at least the order, 3");
  CHECK(message(try_chained_orders({.updates = -1})) == "chained_orders: updates is -1, needs at least 1");
  CHECK(message(try_chained_orders({.updates = 3, .order = 0})) ==
        "chained_orders: order is 0, needs an integer from 1 to 3");
}
