// SPDX-License-Identifier: MIT
#include "diffode/adapter/npz.hpp"

#include "catch.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

std::string npy(const std::string& header, std::size_t data_bytes, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  for (int k = 0; k < (version == 1 ? 2 : 4); ++k) bytes += static_cast<char>(header.size() >> 8 * k & 0xff);
  return bytes + header + std::string(data_bytes, '\0');
}
std::string why(const std::string& bytes) {
  const auto read = try_read_npy(bytes, "a.npy");
  return read ? "nothing" : read.reason()->what();
}
std::string why_npz(std::string_view bytes, const std::string& array) {
  const auto file = npz_file::try_parse(bytes, "a.npz");
  if (!file) return file.reason()->what();
  const auto read = file.value().try_find(array);
  return read ? "nothing" : read.reason()->what();
}

}  // namespace

TEST_CASE("an array is read back with the bits that were written, whatever its shape") {
  for (const tensor_shape& shape : {tensor_shape{}, tensor_shape{5}, tensor_shape{2, 3}, tensor_shape{0, 7}, tensor_shape{2, 1, 3, 2}}) {
    std::vector<double> values;
    for (std::size_t i = 0; i < detail::count_of(shape, 100); ++i) values.push_back(1 / (3. + static_cast<double>(i)));
    const std::string bytes = npy_bytes(shape, values);
    CHECK((bytes.size() - values.size() * 8) % 64 == 0);
    const npy_array read = try_read_npy(bytes, "a").value();
    CHECK(read.shape == shape);
    CHECK(read.values == values);
  }
}

TEST_CASE("headers are read in every spelling that numpy has, and float32 in double") {
  CHECK(npy_bytes({2, 3}, std::vector<double>(6)).substr(10, 59) == "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }");
  CHECK(npy_bytes({5}, std::vector<double>(5)).substr(51, 15) == "'shape': (5,), ");
  for (const char version : {'\1', '\2', '\3'}) CHECK(why(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }  \n", 16, version)) == "nothing");
  CHECK(why(npy("{\"shape\":(),\"fortran_order\":False,\"descr\":\"<f8\"}", 8)) == "nothing");
  std::string single = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", 12);
  const float values[] = {1, -0.5f, 3e-9f};
  std::memcpy(single.data() + single.size() - 12, values, 12);
  CHECK(try_read_npy(single, "a").value().values == std::vector<double>{1, -0.5, static_cast<double>(3e-9f)});
}

TEST_CASE("arrays that are none, or not what is wanted, are refused") {
  const std::string good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return npy(text.replace(text.find(from), from.size(), to), 16);
  };
  CHECK(why(npy(good, 16)) == "nothing");
  CHECK(why("") == "a.npy: is not an .npy file: it does not begin as one");
  CHECK(why("PK\x03\x04 something") == "a.npy: is not an .npy file: it does not begin as one");
  CHECK(why(npy(good, 16, '\4')) == "a.npy: has version 4.0 of the .npy format, needs 1.0, 2.0 or 3.0");
  CHECK(why(npy(good, 16).substr(0, 40)) == "a.npy: header is 55 bytes long, the file has 30 bytes left for it");
  CHECK(why(npy(good, 15)) == "a.npy: has shape [2] of 8-byte elements, which does not fill its 15 bytes");
  CHECK(why(npy(good, 24)) == "a.npy: has shape [2] of 8-byte elements, which does not fill its 24 bytes");
  CHECK(why(with("<f8", ">f8")) == "a.npy: has elements of type '>f8', needs '<f8' or '<f4'");
  CHECK(why(with("<f8", "|O")) == "a.npy: has elements of type '|O', needs '<f8' or '<f4'");
  CHECK(why(with("False", "True")) == "a.npy: is in Fortran's order, needs C's: save numpy.ascontiguousarray of it");
  CHECK_THAT(why(with("(2,)", "(4294967296, 4294967296)")), contains("which does not fill its 16 bytes"));
  CHECK_THAT(why(with("(2,)", "(999999999999999999, 999999999999999999, 2)")), contains("which does not fill its 16 bytes"));
  const std::vector<std::pair<std::string, std::string>> spoilt{{"(2,)", "(-2,)"}, {"(2,)", "(2"}, {"(2,)", "[2]"}, {"(2,)", "(9999999999999999999,)"}, {"False", "0"}, {"'descr': ", ""},
                                                                {"'descr'", "'shape'"}, {"}", "} x"}, {"{", ""}, {"'<f8'", "'<f8"}, {"'fortran_order'", "'order'"}};
  for (const auto& [from, to] : spoilt)
    CHECK(why(with(from, to)) == "a.npy: header is not one of an .npy file");
}

TEST_CASE("an archive gives back its arrays, stored or deflated, and has the same bytes for the same arrays") {
  const std::pair<std::string, npy_array> arrays[] = {{"l", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"zeros", {{20000}, std::vector<double>(20000)}}};
  for (const npz_members how : {npz_members::stored, npz_members::deflated}) {
    const std::string bytes = try_npz_bytes(arrays, how).value();
    CHECK((bytes.size() > 160000) == (how == npz_members::stored));
    CHECK(bytes == try_npz_bytes(arrays, how).value());
    const npz_file file = npz_file::try_parse(bytes, "a.npz").value();
    CHECK(file.has("l"));
    CHECK_FALSE(file.has("s"));
    for (const auto& [name, array] : arrays) {
      const npy_array read = file.try_find(name).value();
      CHECK(read.shape == array.shape);
      CHECK(read.values == array.values);
    }
    CHECK(why_npz(bytes, "s") == "a.npz: array 's' is missing");
  }
}

TEST_CASE("damaged archives are refused") {
  const std::pair<std::string, npy_array> arrays[] = {{"l", {{200}, std::vector<double>(200, 1.5)}}};
  CHECK(why_npz("", "l") != "nothing");
  CHECK_THAT(why_npz("not an archive at all", "l"), starts_with("a.npz: is not an .npz file: "));
  CHECK_THROWS_WITH(npz_file::load("no/such/file"), "no/such/file: cannot be opened, needs a file that can be read");
  for (const npz_members how : {npz_members::stored, npz_members::deflated}) {
    const std::string bytes = try_npz_bytes(arrays, how).value();
    REQUIRE(why_npz(bytes, "l") == "nothing");
    for (std::size_t length = 0; length < bytes.size(); ++length) CHECK(why_npz(std::string_view(bytes).substr(0, length), "l") != "nothing");
    // A byte of the data changed: the checksum tells.
    std::string other = bytes;
    other[60] = static_cast<char>(other[60] ^ 1);
    CHECK_THAT(why_npz(other, "l"), contains("a.npz: l.npy: "));
    // Sizes in the archive's index, which is its end: the member claims more than it can be.
    const std::size_t index = bytes.rfind("PK\x01\x02");
    for (const std::size_t field : {20U, 24U}) {
      other = bytes;
      const std::uint32_t large = 0x7fffffff;
      std::memcpy(other.data() + index + field, &large, 4);
      INFO(why_npz(other, "l"));
      CHECK(why_npz(other, "l") != "nothing");
    }
  }
}

TEST_CASE("archives whose members overlap are refused") {
  const std::pair<std::string, npy_array> arrays[] = {{"l", {{200}, std::vector<double>(200, 1.5)}}};
  const std::string bytes = try_npz_bytes(arrays).value();
  const std::size_t index = bytes.rfind("PK\x01\x02"), end = bytes.rfind("PK\x05\x06");
  REQUIRE(index < end);
  // The index lists the one member many times, under other names: each is read from the same bytes.
  for (const std::size_t times : {1U, 2U, 20U}) {
    std::string other = bytes.substr(0, index);
    for (std::size_t k = 0; k < times; ++k) {
      std::string entry = bytes.substr(index, end - index);
      entry[46] = static_cast<char>('l' - k);
      other += entry;
    }
    const std::uint32_t length = static_cast<std::uint32_t>(times * (end - index));
    std::string last = bytes.substr(end);
    last[8] = last[10] = static_cast<char>(times);
    std::memcpy(last.data() + 12, &length, 4);
    other += last;
    INFO(times << " members");
    if (times == 1) CHECK(why_npz(other, "l") == "nothing");
    else CHECK(why_npz(other, "l") == "a.npz: members 0 to 1 claim more bytes than the archive has, " + std::to_string(other.size()) + ", needs members that do not overlap");
  }
}
