// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "image.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

using diffode_test::contains;

namespace {

/// A grey-scale picture, read back through cairo.
struct picture {
  int width = 0, height = 0;
  std::vector<unsigned char> grey;

  int count(unsigned char level) const {
    return static_cast<int>(std::count(grey.begin(), grey.end(), level));
  }
};

picture read_and_remove(const std::filesystem::path& path) {
  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
      cairo_image_surface_create_from_png(path.string().c_str()), &cairo_surface_destroy);
  REQUIRE(cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS);
  picture result{
      cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  // cairo gives grey pictures back as 32-bit pixels with three equal parts
  const unsigned char* const pixels = cairo_image_surface_get_data(surface.get());
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x)
      result.grey.push_back(pixels[y * cairo_image_surface_get_stride(surface.get()) + 4 * x]);
  std::filesystem::remove(path);
  return result;
}

const std::filesystem::path target = std::filesystem::temp_directory_path() /
                                     ("diffode_digits_" + std::to_string(std::random_device{}()) + ".png");

}  // namespace

TEST_CASE("pixels of images have the grey of their ink") {
  digits::contact_sheet sheet(
      {.rows = {""}, .columns = {"", ""}, .across = 2, .down = 1, .side = 2, .zoom = 3});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  sheet.set(0, 0, std::vector{1.0f, 7.0f, 0.5f, -0.5f, -1.0f, nan, -9.0f, 1.0f});
  sheet.save(target);
  const picture found = read_and_remove(target);
  CHECK(found.count(0) == 3 * 9);
  CHECK(found.count(64) == 9);
  CHECK(found.count(191) == 9);
  CHECK(found.count(128) == 9);
  CHECK(found.count(255) == found.width * found.height - 6 * 9);
}

TEST_CASE("images beyond the room of a cell are left out") {
  digits::contact_sheet sheet({.rows = {""}, .columns = {""}, .across = 2, .down = 2, .side = 1, .zoom = 5});
  sheet.set(0, 0, std::vector<float>(9, 1.0f));
  sheet.save(target);
  CHECK(read_and_remove(target).count(0) == 4 * 25);
}

TEST_CASE("names and captions are drawn and have room") {
  const auto written = [](const std::string& row, const std::string& caption) {
    digits::contact_sheet sheet({.title = "digits", .rows = {row, "b"}, .columns = {"10", "20"}});
    sheet.set(1, 1, {}, caption);
    sheet.save(target);
    return read_and_remove(target);
  };
  const picture plain = written("a", ""), named = written("a much longer name", ""),
                captioned = written("a", "1.5");
  CHECK(std::count_if(plain.grey.begin(), plain.grey.end(), [](unsigned char g) { return g < 100; }) > 20);
  CHECK(named.width > plain.width + 50);
  CHECK(captioned.height > plain.height);
}

TEST_CASE("the file is an 8-bit grey-scale PNG") {
  digits::contact_sheet({.rows = {"a"}, .columns = {"b"}}).save(target);
  std::ifstream stream(target, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  std::filesystem::remove(target);
  REQUIRE(bytes.size() > 26);
  CHECK(bytes.substr(1, 3) == "PNG");
  CHECK(bytes[24] == 8);  // bits
  CHECK(bytes[25] == 0);  // colour type: grey
}

TEST_CASE("sheets that cannot be are refused") {
  using digits::contact_sheet;
  CHECK_THROWS_WITH(contact_sheet({.columns = {"a"}}), contains("needs at least 1 row and 1 column"));
  CHECK_THROWS_WITH(contact_sheet({.rows = {"a"}, .columns = {"b"}, .zoom = 0}),
                    contains("is 0, needs at least 1"));
  contact_sheet sheet({.rows = {"a"}, .columns = {"b"}});
  CHECK_THROWS_WITH(sheet.set(0, 1, {}), contains("no cell at row 0, column 1"));
  CHECK_THROWS_WITH(sheet.set(0, 0, std::vector<float>(65)),
                    contains("images has 65 elements, expected a multiple"));
  CHECK_THROWS_WITH(sheet.save("no/such/folder/a.png"), contains("no/such/folder/a.png: cannot be written"));
}
