// SPDX-License-Identifier: MIT
#include "diffode/search/search_log.hpp"

#include "catch.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "effort.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

namespace dd = diffode;
namespace fs = std::filesystem;

namespace {

const std::string settings = R"({"seed": 3, "objective": "test"})";
const dd::schedule_space space{.path = dd::vp_linear{}, .evaluations = 4};
const dd::search_options options{.seed = 3, .evaluations = 120, .population = 20, .batch = 8, .generations = 2, .children = 10};

/// A name of a file that does not exist, which is gone afterwards.
struct scratch {
  inline static int count = 0;
  fs::path path = fs::temp_directory_path() / ("diffode_search_log_" + std::to_string(::getpid()) + "_" + std::to_string(++count) + ".jsonl");
  scratch() { fs::remove(path); }
  ~scratch() { fs::remove(path); }
  std::string name() const { return path.string(); }
  std::uintmax_t size() const {
    std::error_code none;
    const std::uintmax_t bytes = fs::file_size(path, none);
    return none ? 0 : bytes;
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
  }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
};

double score(const dd::solver_schedule& s) {
  double sum = 0.1;
  for (std::size_t i = 0; i < s.steps.size(); ++i) sum += std::abs(s.times[i] - 1 / (1.0 + static_cast<double>(i))) + 0.1 * std::abs(s.steps[i].predict.order - 2);
  return sum;
}

/// The whole search on this log: the best schedule's file.
std::string searched(const std::string& log_file, std::size_t* asked = nullptr, int pause = 0) {
  dd::search_log log = dd::search_log::open(log_file, settings);
  dd::thread_pool threads(2);
  std::atomic<std::size_t> count = 0;
  const auto objective = [&](const dd::solver_schedule& s) {
    ++count;
    if (pause > 0) std::this_thread::sleep_for(std::chrono::microseconds(pause));
    return score(s);
  };
  const auto done = dd::try_schedule_search(space, objective, options, threads, log, [](const dd::search_progress&) { return true; });
  if (asked) *asked = count;
  return dd::to_json(done.value().best[0].schedule);
}

std::string refusal(const scratch& file, const std::string& with = settings) {
  const auto r = dd::search_log::try_open(file.name(), with);
  return r ? "accepted" : std::string(r.reason()->what()).substr(12 + file.name().size());
}

}  // namespace

TEST_CASE("a search that is killed again and again ends with the same file as one that is not") {
  const scratch undisturbed, file;
  std::size_t asked = 0;
  const std::string wanted = searched(undisturbed.name(), &asked);
  CHECK(asked == options.evaluations);

  std::mt19937 draw(37);
  int killed = 0;
  for (bool finished = false; !finished;) {
    // The moment is the one when the log has grown by so much, however fast the machine is.
    const std::uintmax_t enough = file.size() + 1 + draw() % 9000;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        searched(file.name(), nullptr, 500);
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(child, &status, WNOHANG)) == 0 && file.size() < enough) std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (ended == 0) {
      ::kill(child, SIGKILL);
      ended = ::waitpid(child, &status, 0);
    }
    REQUIRE(ended == child);
    finished = WIFEXITED(status);
    if (finished) REQUIRE(WEXITSTATUS(status) == 0);
    killed += !finished;
    REQUIRE(killed < 10'000);
  }
  CHECK(killed > 5);
  CHECK(searched(file.name(), &asked) == wanted);
  CHECK(asked == 0);
}

TEST_CASE("a log gives back what it was given, infinite scores as well") {
  const scratch file;
  const dd::solver_schedule s = dd::first_schedule(space, 0, dd::dice(0, 0));
  {
    dd::search_log log = dd::search_log::open(file.name(), settings);
    CHECK_FALSE(log.add(11, {s, 0.1 + 0.2, 4}));
    CHECK_FALSE(log.add(0xffffffffffffffffu, {s, std::numeric_limits<double>::infinity(), 5}));
    CHECK(log.known(4, 11) == 0.1 + 0.2);
  }
  const dd::search_log log = dd::search_log::open(file.name(), settings);
  CHECK(log.size() == 2);
  CHECK(log.known(4, 11) == 0.1 + 0.2);
  CHECK_FALSE(log.known(4, 12));
  CHECK_FALSE(log.known(3, 11));
  CHECK(log.known(5, 0xffffffffffffffffu) == std::numeric_limits<double>::infinity());
}

TEST_CASE("a log that was torn at any byte goes on without loss of whole lines") {
  const scratch file;
  const dd::schedule_space short_lines{.path = dd::vp_linear{}, .evaluations = 1};
  {
    dd::search_log log = dd::search_log::open(file.name(), settings);
    for (std::size_t k = 0; k < 2; ++k) CHECK_FALSE(log.add(k, {dd::first_schedule(short_lines, k, dd::dice(0, k)), 0.5, k}));
  }
  const std::string whole = file.text();
  for (std::size_t cut = 0; cut <= whole.size(); cut += diffode_test::times<std::size_t>(1, 17)) {
    file.write(whole.substr(0, cut));
    const std::string kept = whole.substr(0, cut);
    const std::size_t lines = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), '\n'));
    {
      dd::search_log log = dd::search_log::open(file.name(), settings);
      REQUIRE(log.size() == (lines == 0 ? 0 : lines - 1));
      REQUIRE_FALSE(log.add(9, {dd::first_schedule(short_lines, 9, dd::dice(0, 9)), 0.25, 9}));
    }
    const dd::search_log again = dd::search_log::open(file.name(), settings);
    REQUIRE(again.size() == (lines == 0 ? 1 : lines));
    REQUIRE(again.known(9, 9) == 0.25);
  }
}

TEST_CASE("what is no log of this search is refused and left alone") {
  const scratch file;
  file.write("my thesis\n");
  CHECK(refusal(file) == " is no log of a search, needs a file that is one, or a new name");
  file.write("my thesis");
  CHECK(refusal(file) == " is no log of a search, needs a file that is one, or a new name");
  CHECK(file.text() == "my thesis");
  file.write("{\"a\": 1}\n");
  CHECK(refusal(file) == " is no log of a search, needs a file that is one, or a new name");
  fs::remove(file.path);
  { dd::search_log::open(file.name(), settings); }
  CHECK(refusal(file, R"({"seed": 4})") == " was made with other settings, needs the same ones, or a new name");
  const std::string first = file.text();
  for (const char* line : {"{}", "[]", "{\"index\": -1, \"mark\": \"0\", \"score\": 1}", "{\"index\": 0, \"mark\": \"xyz\", \"score\": 1}", "{\"index\": 0, \"mark\": \"0\", \"score\": \"1\"}", "\x80"}) {
    file.write(first + line + "\n");
    CHECK(refusal(file) == " is damaged in line 2, needs to be as the search wrote it");
  }
  CHECK(refusal(file, "{") == ": settings are not JSON");
  CHECK(std::string(dd::search_log::try_open("/nowhere/at/all", settings).reason()->what()) == "search_log: /nowhere/at/all can not be opened for writing");
}
