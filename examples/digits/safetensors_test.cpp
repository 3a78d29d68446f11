// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "network.hpp"
#include "safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

using diffode_test::contains;

namespace {

const std::filesystem::path data = DIFFODE_DIGITS_DATA;

/// A file that is gone at the end of the test.
class scratch_file {
 public:
  explicit scratch_file(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  ~scratch_file() { std::filesystem::remove(path); }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;

  const std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("diffode_digits_" + std::to_string(std::random_device{}()) + ".safetensors");
};

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Header length, header, data.
std::string file_of(const std::string& header, std::size_t data_bytes = 0) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8)
    bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> shift & 0xff);
  return bytes + header + std::string(data_bytes, '\0');
}

void check_refused(const std::string& bytes, const std::string& message) {
  CAPTURE(message);
  const scratch_file file(bytes);
  CHECK_THROWS_WITH(digits::tensor_file::load(file.path), contains(file.path.string()) && contains(message));
}

}  // namespace

TEST_CASE("tensors of all element types are read as floats") {
  std::string bytes =
      file_of(R"({"__metadata__":{"k":"v"},"f":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
              R"("i":{"dtype":"I64","shape":[],"data_offsets":[8,16]},)"
              R"("u":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}})");
  bytes += std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8);               // 1, -2.5
  bytes += std::string("\xfd\xff\xff\xff\xff\xff\xff\xff\x00\x10\xff", 11);  // -3; 0, 16, 255
  const scratch_file scratch(bytes);
  const auto file = digits::tensor_file::load(scratch.path);
  CHECK(file.at("f", {2, 1}).values == std::vector{1.0f, -2.5f});
  CHECK(file.at("i", {}).values == std::vector{-3.0f});
  CHECK(file.at("u", {3}).values == std::vector{0.0f, 16.0f, 255.0f});
  CHECK(file.metadata("k") == "v");
  CHECK_THROWS_WITH(file.at("f", {2}), contains("tensor 'f' has shape [2, 1], expected [2]"));
  CHECK_THROWS_WITH(file.at_rank("u", 2), contains("tensor 'u' has shape [3], expected 2 axes"));
  CHECK_THROWS_WITH(file.at("g"), contains("tensor 'g' is missing"));
  CHECK_THROWS_WITH(file.metadata("q"), contains("metadata 'q' is missing"));
}

TEST_CASE("a file that does not exist is named") {
  CHECK_THROWS_WITH(digits::network::load("no/such/file"), contains("no/such/file: cannot be opened"));
}

TEST_CASE("damaged headers are refused") {
  check_refused("abc", "has 3 bytes, a safetensors file has at least 8");
  check_refused(std::string(8, '\xff'),
                "header: is 18446744073709551615 bytes long, the file has 0 bytes left");
  check_refused(file_of("{\"a\":"), "header: is not a JSON object");
  check_refused(file_of("[1]"), "header: is not a JSON object");
  check_refused(file_of(R"({"__metadata__":1})"), "header: __metadata__ is not a JSON object");
  check_refused(file_of(R"({"__metadata__":{"a":1}})"), "header: metadata 'a' is not a string");
}

TEST_CASE("damaged tensors are refused") {
  const auto entry = [](const std::string& type, const std::string& shape, const std::string& offsets) {
    return file_of(
        R"({"w":{"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", 16);
  };
  const std::string f32 = R"("F32")";
  check_refused(file_of(R"({"w":3})"), "tensor 'w' has no 'data_offsets' in the header");
  check_refused(file_of(R"({"w":{"data_offsets":[0,0]}})"), "tensor 'w' has no 'dtype' in the header");
  check_refused(entry(f32, "[4]", "[0,20]"),
                "tensor 'w' ends at byte 20 of the data, the file has only 16 bytes of it");
  check_refused(entry(f32, "[4]", "[16,0]"), "tensor 'w' has data_offsets [16, 0], expected [begin, end]");
  check_refused(entry(f32, "[4]", "[-1,3]"), "tensor 'w' has data_offsets [-1,3], expected counts");
  check_refused(entry(f32, "7", "[0,16]"), "tensor 'w' has shape 7, expected a list");
  check_refused(entry(f32, "[5]", "[0,16]"),
                "tensor 'w' has shape [5] of 4-byte elements, which does not fill its 16");
  check_refused(entry(f32, "[4294967296,4294967296]", "[0,16]"), "which does not fill its 16 bytes");
  check_refused(entry(R"("F16")", "[8]", "[0,16]"), "tensor 'w' has dtype \"F16\", expected F32, U8 or I64");
}

TEST_CASE("weights cut short anywhere are refused") {
  const std::string bytes = read(data / "eps.safetensors");
  REQUIRE(bytes.size() > 100000);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    CAPTURE(length);
    const scratch_file file(bytes.substr(0, length));
    CHECK_THROWS_WITH(digits::network::load(file.path), contains(file.path.string()));
  }
}

TEST_CASE("a file that is not such a network is refused") {
  CHECK_THROWS_WITH(digits::network::load(data / "held_out.safetensors"),
                    contains("metadata 'model' is missing"));
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string bytes = read(data / "eps.safetensors");
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    return bytes.replace(at, from.size(), to);
  };
  const auto check = [](const std::string& bytes, const std::string& message) {
    const scratch_file file(bytes);
    CHECK_THROWS_WITH(digits::network::load(file.path), contains(file.path.string()) && contains(message));
  };
  check(changed("diffode digits 1", "diffode digits 2"), "metadata 'model' is 'diffode digits 2', expected");
  check(changed(R"("prediction":"eps")", R"("prediction":"abc")"),
        "metadata 'prediction' is 'abc', expected 'eps' or");
  check(changed(R"("groups":"8")", R"("groups":"7")"),
        "metadata 'groups' is '7', expected a divisor of 32 and 64");
  check(changed("up.film.bias", "up.film.bios"), "tensor 'up.film.bias' is missing");
  check(changed("[32,1,3,3]", "[16,2,3,3]"),
        "tensor 'stem.weight' has shape [16, 2, 3, 3], expected [16, 1, 3, 3]");
}
