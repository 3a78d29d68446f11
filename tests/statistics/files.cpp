// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/statistics/npz_folder.hpp"
#include "diffode/statistics/statistics_file.hpp"
#include "diffode/statistics/sums_file.hpp"
#include "statistics/two_normals.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

namespace fs = std::filesystem;

/// A folder that is gone at the end of the test.
struct scratch {
  const fs::path path = fs::temp_directory_path() / ("diffode_statistics_" + std::to_string(std::random_device{}()));
  scratch() { fs::create_directories(path); }
  ~scratch() { fs::remove_all(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
};

measured_statistics sample(std::size_t rows = 5, std::size_t columns = 3) {
  measured_statistics all;
  for (std::size_t i = 0; i < rows; ++i) all.lambda.push_back(-1 + 0.5 * static_cast<double>(i));
  for (std::size_t i = 0; i < rows * columns; ++i) {
    all.l.push_back(1 / (1. + static_cast<double>(i)));
    all.s.push_back(std::sin(static_cast<double>(i)));
    all.b.push_back(0.1 * static_cast<double>(i));
  }
  return all;
}
bool equal(const measured_statistics& a, const measured_statistics& b) { return a.lambda == b.lambda && a.l == b.l && a.s == b.s && a.b == b.b; }

std::string why(const std::string& bytes, const std::optional<lambda_ends>& ends = {}) {
  const auto read = try_statistics_of_safetensors(bytes, "a", ends);
  return read ? "nothing" : read.reason()->what();
}
std::string why_sums(const std::string& bytes) {
  const auto read = try_sums_of(bytes, "a");
  return read ? "nothing" : read.reason()->what();
}
std::string changed(std::string bytes, const std::string& from, const std::string& to) {
  const std::size_t at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  REQUIRE(from.size() == to.size());
  return bytes.replace(at, from.size(), to);
}

statistics_sums some_sums() {
  const two_normals_model m;
  statistics_sums sums = statistics_sums::make({.from = -1, .to = 1, .steps = 3, .samples = 30, .block = 4, .seed = 0xffffffffffffffff}, "two normals");
  measure(sums, m, m.model(), {0, 2});
  return sums;
}

}  // namespace

TEST_CASE("statistics are read back with the bits that were saved, from one file or from a folder") {
  const scratch here;
  const measured_statistics all = sample();
  save(all, here.path / "a.safetensors");
  CHECK(equal(load_statistics(here.path / "a.safetensors"), all));
  CHECK(load_statistics(here.path / "a.safetensors").table().columns() == 3);
  save_npz(all, here.path / "folder");
  CHECK(equal(load_npz_statistics(here.path / "folder"), all));
  CHECK(fs::exists(here.path / "folder/l.npz"));
  CHECK(fs::exists(here.path / "folder/sb.npz"));
  CHECK_THROWS_WITH(load_npz_statistics(here.path), contains("l.npz: cannot be opened"));
  CHECK_THROWS_WITH(save_npz(all, "/proc/no/folder"), contains("/proc/no/folder: cannot be made a folder"));
  CHECK_THROWS_WITH(save(all, "/no/such/folder/a.safetensors"), contains("/no/such/folder/a.safetensors: cannot be written: "));
  measured_statistics bad = all;
  bad.s[4] = std::nan("");
  CHECK_THROWS_WITH(save(bad, here.path / "bad.safetensors"), contains("s[4] is nan"));
  CHECK_FALSE(fs::exists(here.path / "bad.safetensors"));
}

TEST_CASE("a folder of which one file is of another table is refused") {
  const scratch here;
  const auto read = [&] {
    const auto all = try_load_npz_statistics(here.path / "new");
    return all ? std::string("nothing") : std::string(all.reason()->what());
  };
  const std::string refusal = (here.path / "new").string() + ": l.npz and sb.npz have different arrays 'pair', needs files that were written together";
  measured_statistics all = sample();
  save_npz(all, here.path / "old");
  for (std::vector<double>* v : {&all.lambda, &all.l, &all.s, &all.b}) {
    const double before = v->back();
    v->back() = 7;  // one number is another, no shape
    for (const char* const stale : {"l.npz", "sb.npz"}) {
      save_npz(all, here.path / "new");
      REQUIRE(read() == "nothing");
      fs::copy_file(here.path / "old" / stale, here.path / "new" / stale, fs::copy_options::overwrite_existing);
      CHECK(read() == refusal);
    }
    v->back() = before;
  }
  // The files of someone else have no mark: one of them beside one of ours is of another table too.
  const tensor_shape shape{5, 3};
  const std::pair<std::string, npy_array> sb[] = {{"s", {shape, all.s}}, {"b", {shape, all.b}}};
  save_npz(all, here.path / "new");
  std::ofstream(here.path / "new/sb.npz", std::ios::binary) << try_npz_bytes(sb).value();
  CHECK(read() == refusal);
}

TEST_CASE("a folder of which the second file can not be written keeps both as they were") {
  const scratch here;
  measured_statistics all = sample();
  save_npz(all, here.path);
  fs::rename(here.path / "sb.npz", here.path / "kept");
  fs::create_directory(here.path / "sb.npz");
  all.l[0] = 7;
  CHECK_THROWS_WITH(save_npz(all, here.path), contains("sb.npz: is a folder, needs a file"));
  fs::remove(here.path / "sb.npz");
  fs::rename(here.path / "kept", here.path / "sb.npz");
  CHECK(equal(load_npz_statistics(here.path), sample()));
  CHECK(std::distance(fs::directory_iterator(here.path), fs::directory_iterator()) == 2);
}

TEST_CASE("arrays as the authors of the paper store them are read: images for rows, lambdas not in the file") {
  const measured_statistics all = sample(5, 12);
  const tensor_shape shape{5, 3, 2, 2};
  const std::pair<std::string, npy_array> l[] = {{"l", {shape, all.l}}}, sb[] = {{"s", {shape, all.s}}, {"b", {shape, all.b}}};
  for (const npz_members how : {npz_members::stored, npz_members::deflated}) {
    const std::string l_bytes = try_npz_bytes(l, how).value(), sb_bytes = try_npz_bytes(sb, how).value();
    CHECK(equal(try_statistics_of_npz(l_bytes, sb_bytes, "a", lambda_ends{-1, 1}).value(), all));
    CHECK(try_statistics_of_npz(l_bytes, sb_bytes, "a").reason()->what() == std::string("a: has no lambdas, needs the ends that they go from and to, equidistant"));
    CHECK(try_statistics_of_npz(sb_bytes, l_bytes, "a", lambda_ends{-1, 1}).reason()->what() == std::string("a: l.npz: array 'l' is missing"));
  }
  const std::pair<std::string, npy_array> flat[] = {{"s", {{5, 12}, all.s}}, {"b", {shape, all.b}}};
  CHECK(try_statistics_of_npz(try_npz_bytes(l).value(), try_npz_bytes(flat).value(), "a", lambda_ends{-1, 1}).reason()->what() ==
        std::string("a: s has shape [5, 12], needs that of l, [5, 3, 2, 2]"));
}

TEST_CASE("statistics that are damaged or make no sense are refused") {
  const std::string good = safetensors_of(sample());
  REQUIRE(why(good) == "nothing");
  for (std::size_t length = 0; length < good.size(); ++length) CHECK(why(good.substr(0, length)) != "nothing");
  CHECK(why(changed(good, "\"l\"", "\"k\"")) == "a: tensor 'l' is missing");
  CHECK(why(changed(good, "lambda", "lanbda")) == "a: has no lambdas, needs the ends that they go from and to, equidistant");
  CHECK(why(changed(good, "lambda", "lanbda"), lambda_ends{-1, 1}) == "nothing");
  CHECK(why(changed(good, "lambda", "lanbda"), lambda_ends{1, 1}) == "a: model_statistics: lambda[1] is 1, needs a number below 1, the one before: lambdas must not repeat or turn");
  const auto of = [](auto change) {
    measured_statistics all = sample();
    change(all);
    return why(safetensors_of(all));
  };
  CHECK(of([](auto& a) { a.lambda[2] = -1; }) == "a: model_statistics: lambda[2] is -1, needs a number above -0.5, the one before: lambdas must not repeat or turn");
  CHECK(of([](auto& a) { a.b[3] = HUGE_VAL; }) == "a: model_statistics: b[3] is inf, needs a finite number");
  CHECK(of([](auto& a) { a = sample(1); }) == "a: model_statistics: number of lambdas is 1, needs at least 2");
  const std::vector<double> none, two{0, 1};
  const named_numbers empty[] = {{"b", {2, 0}, none}, {"l", {2, 0}, none}, {"lambda", {2}, two}, {"s", {2, 0}, none}}, scalars[] = {{"b", {}, std::span(two).first(1)}, {"l", {}, std::span(two).first(1)}, {"s", {}, std::span(two).first(1)}},
                      huge[] = {{"b", {1000000000000, 0}, none}, {"l", {1000000000000, 0}, none}, {"s", {1000000000000, 0}, none}},
                      three[] = {{"b", {2}, two}, {"l", {2}, two}, {"lambda", {1, 2}, two}, {"s", {2}, two}};
  CHECK(why(safetensors_bytes(empty)) == "a: model_statistics: l has 0 numbers, needs a multiple of the number of lambdas, 2");
  CHECK(why(safetensors_bytes(scalars), lambda_ends{0, 1}) == "a: l has shape [], needs an axis of rows");
  CHECK(why(safetensors_bytes(huge), lambda_ends{0, 1}) == "a: l has shape [1000000000000, 0], needs elements");
  CHECK(why(safetensors_bytes(three)) == "a: lambda has shape [1, 2], needs one for each row of l, [2]");
}

TEST_CASE("partial sums are read back with the bits that were saved, and go on to the same ones") {
  const scratch here;
  const two_normals_model m;
  statistics_sums half = some_sums();
  save(half, here.path / "sums");
  statistics_sums read = load_sums(here.path / "sums");
  CHECK(read.options() == half.options());
  CHECK(read.model() == "two normals");
  CHECK(read.nodes().size() == half.nodes().size());
  CHECK(bytes_of(read) == bytes_of(half));
  measure(read, m, m.model());
  measure(half, m, m.model());
  CHECK(read.complete());
  CHECK(bytes_of(read) == bytes_of(half));
  CHECK(std::distance(fs::directory_iterator(here.path), fs::directory_iterator()) == 1);
  // What was begun and not finished does no harm.
  std::ofstream(here.path / "sums.diffode-0.part") << "half a fi";
  save(read, here.path / "sums");
  CHECK(load_sums(here.path / "sums").complete());
}

TEST_CASE("partial sums of one_noise are read back, and refused if their random signs were drawn as in earlier versions") {
  const two_normals_model m;
  statistics_sums sums = statistics_sums::make({.from = -1, .to = 1, .steps = 3, .samples = 8, .block = 4, .one_noise = true}, "two normals");
  measure(sums, m, m.model());
  const std::string good = bytes_of(sums);
  REQUIRE(why_sums(good) == "nothing");
  const std::string why = "a: option 'one_noise' is true without 'one_signs', needs both: these sums are of an earlier version, whose random signs differed "
                          "from lambda to lambda, and are to be measured again";
  CHECK(why_sums(changed(good, "\\\"one_signs\\\"", "\\\"two_signs\\\"")) == why);
  CHECK(why_sums(changed(good, "\\\"one_signs\\\":true", "\\\"one_signs\\\":null")) == why);
}

TEST_CASE("partial sums that are damaged are refused") {
  const std::string good = bytes_of(some_sums());
  REQUIRE(why_sums(good) == "nothing");
  for (std::size_t length = 0; length < good.size(); ++length) CHECK(why_sums(good.substr(0, length)) != "nothing");
  CHECK(why_sums(changed(good, "statistics sums 1", "statistics sums 2")) == "a: metadata 'format' is 'diffode statistics sums 2', needs 'diffode statistics sums 1'");
  CHECK(why_sums(changed(good, "\"model\"", "\"mudel\"")) == "a: metadata 'model' is missing");
  CHECK(why_sums(changed(good, "{\\\"block", "[\\\"block")) == "a: options are not a JSON object");
  CHECK(why_sums(changed(good, "\\\"block\\\":4", "\\\"block\\\":0")) == "a: statistics_options: block is 0, needs at least 1");
  CHECK(why_sums(changed(good, "\\\"block\\\":4", "\\\"black\\\":4")) == "a: option 'block' is missing, needs what was saved there");
  CHECK(why_sums(changed(good, "\\\"samples\\\":30", "\\\"samples\\\":-3")) == "a: option 'samples' is -3, needs what was saved there");
  CHECK_THAT(why_sums(changed(good, "\\\"samples\\\":30", "\\\"samples\\\":10")), starts_with("a: statistics_sums: node is "));
  CHECK_THAT(why_sums(changed(good, "\\\"steps\\\":3", "\\\"steps\\\":4")), contains("has shape [4, 1, 10] of F64, needs [5, 1, 10] of F64"));
  CHECK(why_sums(changed(good, "\"0+4\"", "\"0-4\"")) == "a: tensor '0-4' is not named as blocks are, as in 12+4");
  CHECK_THAT(why_sums(changed(good, "\"0+4\"", "\"0+3\"")), starts_with("a: statistics_sums: node is 3 blocks from block 0, needs"));
  std::string wild = good;
  for (std::size_t k = wild.size() - 8; k < wild.size(); ++k) wild[k] = '\xff';
  CHECK_THAT(why_sums(wild), contains("nan, needs a finite number"));
}
