// SPDX-License-Identifier: MIT
//
// Files that someone has damaged, by chance or on purpose: what is read is either sound or refused. Under the sanitizers this is
// a test of memory. DIFFODE_FUZZ in the environment is how many files; a million takes some minutes.
#include "catch.hpp"
#include "diffode/statistics/npz_folder.hpp"
#include "diffode/statistics/statistics_file.hpp"
#include "diffode/statistics/sums_file.hpp"
#include "effort.hpp"

#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace diffode;

namespace {

using generator = std::mt19937_64;

std::size_t below(generator& draw, std::size_t n) { return static_cast<std::size_t>(draw() % n); }

/// One change, of a kind that finds faults: bits, numbers that are edges of types, pieces cut, doubled or moved, digits of texts.
void change(std::string& bytes, generator& draw) {
  if (bytes.empty()) return;
  const std::size_t at = below(draw, bytes.size()), n = 1 + below(draw, 1 + std::min<std::size_t>(bytes.size() - at - 1, 16));
  static constexpr std::uint64_t edges[] = {0, 1, 7, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
  static constexpr std::string_view words[] = {"0", "-1", "1e999", "18446744073709551616", "null", "[", "]", "{", "}", "\"", "'", "(", ")", ",", ":", "F32", "F64", "<f4", "True"};
  switch (below(draw, 8)) {
    case 0: bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(draw, 8)); break;
    case 1: bytes[at] = static_cast<char>(draw()); break;
    case 2: bytes.resize(at); break;
    case 3: bytes.erase(at, n); break;
    case 4: bytes.insert(at, bytes.substr(below(draw, bytes.size()), n)); break;
    case 5: {
      const std::uint64_t edge = edges[below(draw, std::size(edges))];
      std::memcpy(bytes.data() + at, &edge, std::min<std::size_t>(std::size_t{1} << below(draw, 4), bytes.size() - at));
      break;
    }
    case 6: {
      const std::string_view word = words[below(draw, std::size(words))];
      bytes.replace(at, std::min(word.size(), bytes.size() - at), word);
      break;
    }
    default: {
      // A digit somewhere after this place, where headers have lengths.
      const std::size_t digit = bytes.find_first_of("0123456789", at);
      if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + below(draw, 10));
    }
  }
}

std::size_t files() {
  const char* const wanted = std::getenv("DIFFODE_FUZZ");
  return wanted ? static_cast<std::size_t>(std::strtoull(wanted, nullptr, 10)) : diffode_test::times<std::size_t>(30000, 10000);
}

measured_statistics sample() {
  measured_statistics all;
  for (int i = 0; i < 4; ++i) {
    all.lambda.push_back(i);
    for (std::vector<double>* v : {&all.l, &all.s, &all.b})
      for (int k = 0; k < 2; ++k) v->push_back(0.25 * i + k);
  }
  return all;
}

statistics_sums sample_sums() {
  const statistics_options o{.from = 0, .to = 1, .steps = 2, .elements = 2, .columns = 1, .samples = 10, .block = 3};
  statistics_sums all = statistics_sums::make(o, "m");
  for (const std::uint32_t b : {0U, 1U, 3U}) raise(all.try_add({.first = b, .blocks = 1, .cells = std::vector<statistics_cell>(o.cells())}));
  return all;
}

/// A table that was accepted is one that a method takes, and no larger than its bytes can be.
void check_sound(const result<measured_statistics>& read, std::size_t bytes) {
  if (!read) {
    REQUIRE(read.reason()->code() == errc::bad_file);
    return;
  }
  const measured_statistics& all = read.value();
  if (!all.try_table() || all.l.size() > bytes * 1032) FAIL("accepted a table that no method takes");
}

struct count {
  std::size_t accepted = 0, refused = 0;
  void operator()(bool was) { ++(was ? accepted : refused); }
};

}  // namespace

TEST_CASE("damaged files of statistics and of sums are refused or sound", "[fuzz]") {
  const measured_statistics all = sample();
  const std::pair<std::string, npy_array> l[] = {{"l", {{4, 2}, all.l}}, {"lambda", {{4}, all.lambda}}}, sb[] = {{"s", {{4, 2}, all.s}}, {"b", {{4, 2}, all.b}}};
  const std::string table = safetensors_of(all), sums = bytes_of(sample_sums()), array = npy_bytes({4, 2}, all.l);
  std::vector<std::pair<std::string, std::string>> archives;
  for (const npz_members how : {npz_members::stored, npz_members::deflated}) archives.push_back({try_npz_bytes(l, how).value(), try_npz_bytes(sb, how).value()});

  generator draw(1);
  count tables, archived, summed, arrays;
  const std::size_t n = files();
  for (std::size_t k = 0; k < n; ++k) {
    const auto damaged = [&](std::string bytes) {
      for (std::size_t changes = 1 + below(draw, 4); changes-- > 0;) change(bytes, draw);
      return bytes;
    };
    switch (k % 4) {
      case 0: {
        const std::string bytes = damaged(table);
        const auto read = try_statistics_of_safetensors(bytes, "a", lambda_ends{0, 1});
        check_sound(read, bytes.size());
        tables(static_cast<bool>(read));
        break;
      }
      case 1: {
        auto [first, second] = archives[k / 4 % 2];
        (k / 8 % 2 ? first : second) = damaged(k / 8 % 2 ? first : second);
        const auto read = try_statistics_of_npz(first, second, "a", lambda_ends{0, 1});
        check_sound(read, first.size() + second.size());
        archived(static_cast<bool>(read));
        break;
      }
      case 2: {
        const std::string bytes = damaged(sums);
        const auto read = try_sums_of(bytes, "a");
        if (read) REQUIRE(read.value().nodes().size() * read.value().options().cells() * sizeof(statistics_cell) <= bytes.size());
        summed(static_cast<bool>(read));
        break;
      }
      default: {
        const std::string bytes = damaged(array);
        const auto read = try_read_npy(bytes, "a");
        if (read) REQUIRE(read.value().values.size() * 4 <= bytes.size());
        arrays(static_cast<bool>(read));
      }
    }
  }
  // Of both kinds, or the changes were too gentle or too rough to test anything.
  for (const count& c : {tables, archived, summed, arrays}) {
    CHECK(c.accepted > n / 1000);
    CHECK(c.refused > n / 20);
  }
}
