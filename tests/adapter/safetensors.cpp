// SPDX-License-Identifier: MIT
#include "diffode/adapter/safetensors.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

using namespace diffode;

namespace {

std::string file_of(const std::string& header, std::size_t data_bytes = 0) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> shift & 0xff);
  return bytes + header + std::string(data_bytes, '\0');
}
std::string why(const std::string& bytes) {
  const auto read = safetensors_file::try_parse(bytes, "a");
  return read ? "nothing" : read.reason()->what();
}

}  // namespace

TEST_CASE("tensors and metadata are read back as they were written, aligned") {
  const std::vector<double> x{1, -2.5, 1e-300}, y{};
  const named_numbers tensors[] = {{"x", {3, 1}, x}, {"y", {0, 4}, y}};
  const std::string bytes = safetensors_bytes(tensors, {{"k", "v"}});
  CHECK((bytes.size() - 24) % 8 == 0);
  const safetensors_file file = safetensors_file::try_parse(bytes, "a").value();
  CHECK(file.metadata() == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(file.tensors().size() == 2);
  CHECK(file.tensors().at("x").shape == tensor_shape{3, 1});
  CHECK(file.try_numbers("x").value() == x);
  CHECK(file.try_numbers("y").value() == y);
  CHECK(file.try_find("z").reason()->what() == std::string("a: tensor 'z' is missing"));
  CHECK(bytes == safetensors_bytes(tensors, {{"k", "v"}}));
}

TEST_CASE("float32 is read in double, and other types are not numbers") {
  const std::string bytes = file_of(R"({"f":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"i":{"dtype":"I64","shape":[],"data_offsets":[8,16]}})") + std::string("\0\0\x80\x3f\0\0\x20\xc0", 8) + std::string(8, '\0');
  const safetensors_file file = safetensors_file::try_parse(bytes, "a").value();
  CHECK(file.try_numbers("f").value() == std::vector<double>{1, -2.5});
  CHECK(file.try_numbers("i").reason()->what() == std::string("a: tensor 'i' has dtype \"I64\", needs F64 or F32"));
}

TEST_CASE("tensors that overlap, leave a gap or do not fill the file are refused") {
  const auto two = [](const std::string& first, const std::string& second, std::size_t bytes) {
    return why(file_of(R"({"p":{"dtype":"U8","shape":[4],"data_offsets":)" + first + R"(},"q":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}", bytes));
  };
  CHECK(two("[0,4]", "[4,8]", 8) == "nothing");
  CHECK(two("[4,8]", "[0,4]", 8) == "nothing");
  CHECK(two("[0,4]", "[0,4]", 4) == "a: tensor 'q' begins at byte 0 of the data, expected 4, where the one before ends");
  CHECK(two("[0,4]", "[3,7]", 8) == "a: tensor 'q' begins at byte 3 of the data, expected 4, where the one before ends");
  CHECK(two("[0,4]", "[5,9]", 9) == "a: tensor 'q' begins at byte 5 of the data, expected 4, where the one before ends");
  CHECK(two("[0,4]", "[4,8]", 9) == "a: tensors end at byte 8 of the data, the file has 9 bytes of it");
  CHECK(why(file_of(R"({"p":{"dtype":"Q7","shape":[4],"data_offsets":[0,4]}})", 4)) == "a: tensor 'p' has dtype \"Q7\", expected one of the format's");
  CHECK(why(file_of(R"({"p":{"dtype":7,"shape":[4],"data_offsets":[0,4]}})", 4)) == "a: tensor 'p' has dtype 7, expected one of the format's");
}

TEST_CASE("a header of lists in lists is refused, however deep") {
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  CHECK(why(file_of(R"({"p":{"dtype":"U8","shape":)" + deep + R"(,"data_offsets":[0,4]}})", 4)) == "a: tensor 'p' has shape a list of 1, expected counts");
  CHECK(why(file_of(R"({"p":{"dtype":)" + deep + R"(,"shape":[4],"data_offsets":[0,4]}})", 4)) == "a: tensor 'p' has dtype a list of 1, expected one of the format's");
  CHECK(why(file_of(deep)) == "a: header: is not a JSON object");
}
