// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/start.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace dd = diffode;

namespace {

/// A picture that can be neither copied nor moved, keeps its pixels behind a pointer, has no begin(), and whose shape is
/// not a number of elements. What a denoiser gets is a window with rows and columns.
class picture {
 public:
  picture(std::size_t height, std::size_t width) : rows(height), columns(width), pixels(new float[height * width]()) {}
  picture(const picture&) = delete;
  picture& operator=(const picture&) = delete;

  const std::size_t rows, columns;
  const std::unique_ptr<float[]> pixels;
};

template <class T>
struct window {
  T* first;
  std::size_t rows, columns;
  T& operator()(std::size_t row, std::size_t column) const { return first[row * columns + column]; }
  // A window is not a list: nothing may ask how long it is.
  std::size_t size() const = delete;
};

}  // namespace

template <>
struct diffode::array_traits<picture> {
  using element = float;
  static float* data(const picture& p) { return p.pixels.get(); }
  static std::size_t size(const picture& p) { return p.rows * p.columns; }
  static window<float> view(const picture& p, float* at) { return {at, p.rows, p.columns}; }
  static window<const float> view(const picture& p, const float* at) { return {at, p.rows, p.columns}; }
};
static_assert(dd::array<picture> && dd::array<picture&>);

TEST_CASE("an odd array is a state, and its denoiser sees it in its own shape") {
  const dd::grid g = diffode_test::families()[2].uniform(6);
  picture p(3, 4);
  std::vector<float> flat(12);
  dd::fill_with_noise(p, g.front(), dd::philox{.seed = 4});
  dd::fill_with_noise(flat, g.front(), dd::philox{.seed = 4});
  const float* const where = p.pixels.get();
  dd::sample(dd::dpmpp_2m{}, g, dd::v([&](window<const float> x, const dd::level<>&, window<float> out) {
               CHECK((x.rows == 3 && x.columns == 4 && out.rows == 3 && out.columns == 4));
               for (std::size_t r = 0; r < x.rows; ++r)
                 for (std::size_t c = 0; c < x.columns; ++c) out(r, c) = x(r, c) * 0.5f + static_cast<float>(r) - static_cast<float>(c);
             }), p);
  dd::sample(dd::dpmpp_2m{}, g, dd::v([](std::span<const float> x, const dd::level<>&, std::span<float> out) {
               for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * 0.5f + static_cast<float>(i / 4) - static_cast<float>(i % 4);
             }), flat);
  CHECK(p.pixels.get() == where);
  CHECK(std::vector<float>(where, where + 12) == flat);
}

TEST_CASE("an odd array may be an image to start from") {
  picture x(1, 2), image(1, 2);
  x.pixels[0] = 1, x.pixels[1] = -1;
  image.pixels[0] = 4, image.pixels[1] = 8;
  dd::noise_image(x, image, {.alpha = 0.5, .sigma = 0.25});
  CHECK(x.pixels[0] == 2.25f);
  CHECK(x.pixels[1] == 3.75f);
}
