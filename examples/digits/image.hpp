// SPDX-License-Identifier: MIT
#pragma once

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace digits {

/// A picture of many small images: a table of cells with named rows and columns, each cell a block of images
/// and a line of text. Written as an 8-bit grey-scale PNG, dark ink on white.
class contact_sheet {
 public:
  struct options {
    std::string title = {};                 ///< above everything; empty for none
    std::vector<std::string> rows = {};     ///< names, left of the cells
    std::vector<std::string> columns = {};  ///< names, above the cells
    int across = 10;                        ///< images beside each other in a cell
    int down = 1;                           ///< rows of images in a cell
    int side = 8;                           ///< edge of an image in its own pixels
    int zoom = 3;                           ///< edge of one of its pixels in pixels of the sheet
    int gap = 2;                            ///< between images of a cell, in pixels of the sheet
    double text = 14.0;                     ///< height of letters, in pixels of the sheet
  };

  /// Lays the table out. Refuses a table without cells and lengths below one.
  explicit contact_sheet(options o)
      : options_(std::move(o)),
        cells_(options_.rows.size() * options_.columns.size()) {
    if (cells_.empty())
      throw std::invalid_argument("digits::contact_sheet: needs at least 1 row and 1 column");
    for (const int length : {options_.across, options_.down, options_.side, options_.zoom})
      if (length < 1)
        throw std::invalid_argument("digits::contact_sheet: across, down, side or zoom is " +
                                    std::to_string(length) + ", needs at least 1");
  }

  /// Fills one cell. Images beyond across * down are left out; a cell never set stays blank.
  ///
  /// Shapes  side * side floats per image, row by row, in [-1, 1] (clamped), +1 is ink; NaN is drawn mid-grey
  /// Errors  std::out_of_range for a cell that does not exist, std::invalid_argument for part of an image
  void set(std::size_t row, std::size_t column, std::span<const float> images, std::string caption = {}) {
    if (row >= options_.rows.size() || column >= options_.columns.size())
      throw std::out_of_range("digits::contact_sheet: no cell at row " + std::to_string(row) + ", column " +
                              std::to_string(column));
    const std::size_t size = static_cast<std::size_t>(options_.side * options_.side);
    if (images.size() % size != 0)
      throw std::invalid_argument("digits::contact_sheet: images has " + std::to_string(images.size()) +
                                  " elements, expected a multiple of " + std::to_string(size));
    const std::size_t most = size * static_cast<std::size_t>(options_.across * options_.down);
    const auto shown = images.first(std::min(images.size(), most));
    cells_[row * options_.columns.size() + column] = {{shown.begin(), shown.end()}, std::move(caption)};
  }

  /// Draws the sheet and writes it. Throws std::runtime_error with the path when that fails.
  void save(const std::filesystem::path& path) const {
    const layout place = arrange();
    const surface target(cairo_image_surface_create(CAIRO_FORMAT_A8, place.width, place.height));
    const context pen(cairo_create(target.get()));
    // The only channel is alpha, and PNG readers see it as grey: paint white, then text takes away.
    cairo_set_source_rgba(pen.get(), 0.0, 0.0, 0.0, 1.0);
    cairo_paint(pen.get());
    cairo_set_operator(pen.get(), CAIRO_OPERATOR_DEST_OUT);
    use_font(pen.get(), 1.0);
    write_names(pen.get(), place);
    use_font(pen.get(), caption_size);
    write_captions(pen.get(), place);
    cairo_surface_flush(target.get());
    check(cairo_status(pen.get()), path);
    unsigned char* const pixels = cairo_image_surface_get_data(target.get());
    check(pixels != nullptr ? CAIRO_STATUS_SUCCESS : cairo_surface_status(target.get()), path);
    draw_images(pixels, cairo_image_surface_get_stride(target.get()), place);
    cairo_surface_mark_dirty(target.get());
    check(cairo_surface_write_to_png(target.get(), path.string().c_str()), path);
  }

 private:
  struct cell {
    std::vector<float> images;
    std::string caption;
  };
  struct layout {
    int width, height;            ///< of the sheet
    int left, top;                ///< of the first cell
    int cell_width, cell_height;  ///< of the images of a cell
    int step_x, step_y;           ///< from cell to cell
  };
  struct closer {
    void operator()(cairo_surface_t* s) const { cairo_surface_destroy(s); }
    void operator()(cairo_t* c) const { cairo_destroy(c); }
  };
  using surface = std::unique_ptr<cairo_surface_t, closer>;
  using context = std::unique_ptr<cairo_t, closer>;

  /// Size of captions, in sizes of other text.
  static constexpr double caption_size = 0.8;

  static void check(cairo_status_t status, const std::filesystem::path& path) {
    if (status != CAIRO_STATUS_SUCCESS)
      throw std::runtime_error("digits: " + path.string() +
                               ": cannot be written: " + cairo_status_to_string(status));
  }

  void use_font(cairo_t* pen, double size) const {
    cairo_select_font_face(pen, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(pen, options_.text * size);
  }

  static double width_of(cairo_t* pen, const std::string& text) {
    cairo_text_extents_t extents;
    cairo_text_extents(pen, text.c_str(), &extents);
    return extents.x_advance;
  }

  /// Room for the widest row name, column name and caption.
  layout arrange() const {
    const surface scratch(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
    const context pen(cairo_create(scratch.get()));
    const auto line = [&](double lines) { return static_cast<int>(std::ceil(lines * options_.text)); };
    use_font(pen.get(), 1.0);
    double names = 0.0, headers = 0.0, captions = 0.0;
    for (const std::string& name : options_.rows) names = std::max(names, width_of(pen.get(), name));
    for (const std::string& name : options_.columns) headers = std::max(headers, width_of(pen.get(), name));
    const double title = width_of(pen.get(), options_.title);
    use_font(pen.get(), caption_size);
    for (const cell& each : cells_) captions = std::max(captions, width_of(pen.get(), each.caption));
    const int margin = line(1.0), pitch = options_.side * options_.zoom + options_.gap;
    layout place{};
    place.cell_width = options_.across * pitch - options_.gap;
    place.cell_height = options_.down * pitch - options_.gap;
    place.left = 2 * margin + static_cast<int>(std::ceil(names));
    place.top = margin + line(1.6) + (options_.title.empty() ? 0 : line(1.8));
    place.step_x =
        margin + std::max(place.cell_width, static_cast<int>(std::ceil(std::max(headers, captions))));
    place.step_y = place.cell_height + line(captions > 0.0 ? 1.8 : 0.7);
    place.width = std::max(place.left + static_cast<int>(options_.columns.size()) * place.step_x,
                           2 * margin + static_cast<int>(std::ceil(title)));
    place.height = place.top + static_cast<int>(options_.rows.size()) * place.step_y + line(0.5);
    return place;
  }

  static void write(cairo_t* pen, double x, double baseline, const std::string& text) {
    cairo_move_to(pen, x, baseline);
    cairo_show_text(pen, text.c_str());
  }

  void write_names(cairo_t* pen, const layout& place) const {
    if (!options_.title.empty()) write(pen, options_.text, 2.0 * options_.text, options_.title);
    for (std::size_t column = 0; column < options_.columns.size(); ++column)
      write(pen, x_of(place, column), place.top - 0.6 * options_.text, options_.columns[column]);
    for (std::size_t row = 0; row < options_.rows.size(); ++row)
      write(pen, options_.text, y_of(place, row) + 0.5 * place.cell_height + 0.35 * options_.text,
            options_.rows[row]);
  }

  void write_captions(cairo_t* pen, const layout& place) const {
    for (std::size_t i = 0; i < cells_.size(); ++i)
      write(pen, x_of(place, i % options_.columns.size()),
            y_of(place, i / options_.columns.size()) + place.cell_height + 1.1 * options_.text,
            cells_[i].caption);
  }

  static int x_of(const layout& place, std::size_t column) {
    return place.left + static_cast<int>(column) * place.step_x;
  }
  static int y_of(const layout& place, std::size_t row) {
    return place.top + static_cast<int>(row) * place.step_y;
  }

  void draw_images(unsigned char* pixels, int stride, const layout& place) const {
    const int side = options_.side, edge = side * options_.zoom;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const std::vector<float>& images = cells_[i].images;
      const int count = static_cast<int>(images.size()) / (side * side);
      for (int k = 0; k < count; ++k) {
        const int left =
            x_of(place, i % options_.columns.size()) + k % options_.across * (edge + options_.gap);
        const int top =
            y_of(place, i / options_.columns.size()) + k / options_.across * (edge + options_.gap);
        for (int y = 0; y < edge; ++y)
          for (int x = 0; x < edge; ++x) {
            const int source = (k * side + y / options_.zoom) * side + x / options_.zoom;
            pixels[(top + y) * stride + left + x] = grey(images[static_cast<std::size_t>(source)]);
          }
      }
    }
  }

  static unsigned char grey(float ink) {
    if (std::isnan(ink)) return 128;
    return static_cast<unsigned char>(std::lround((1.0f - std::clamp(ink, -1.0f, 1.0f)) * 127.5f));
  }

  options options_;
  std::vector<cell> cells_;
};

}  // namespace digits
