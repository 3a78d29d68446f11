// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace diffode_bench {

/// A line of a plot: points (x, y), both above 0.
struct series {
  std::string name;
  std::vector<std::pair<double, double>> points;
  bool dashed = false;
};

/// What a plot says, both axes logarithmic.
struct plot {
  std::string title, x_title, y_title;
  std::vector<series> lines;
  std::vector<std::pair<double, std::string>> x_ticks;  ///< where to write what below the x axis
};

/// Draws it as SVG text: lines, a legend on the right, text in whatever sans-serif font there is.
class svg {
 public:
  explicit svg(const plot& p) : plot_(p) {
    for (const series& s : p.lines)
      for (const auto& [x, y] : s.points) {
        left_ = std::fmin(left_, x), right_ = std::fmax(right_, x);
        low_ = std::fmin(low_, y), high_ = std::fmax(high_, y);
      }
    if (!(left_ < right_)) left_ /= 2, right_ *= 2;
    // To the next of 1, 2, 5 x 10^k: whole decades are too much for ratios near 1.
    low_ = rounded(low_, false), high_ = rounded(high_, true);
    if (!(low_ < high_)) low_ /= 2, high_ *= 2;
  }

  std::string text() {
    const double height = std::fmax(400.0, top + 18.0 * static_cast<double>(plot_.lines.size()) + 20);
    add("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {:.0f} {:.0f}' font-family='sans-serif' font-size='12'>\n", width, height);
    add("<rect width='100%' height='100%' fill='white'/>\n");
    label(area_left, 22, "start", plot_.title, 15);
    label((area_left + area_right) / 2, bottom + 38, "middle", plot_.x_title);
    add("<text transform='translate(16 {:.0f}) rotate(-90)' text-anchor='middle'>{}</text>\n", (top + bottom) / 2, escaped(plot_.y_title));
    for (const auto& [at, what] : plot_.x_ticks) {
      line(x_of(at), bottom, x_of(at), top, "#e4e4e4");
      label(x_of(at), bottom + 16, "middle", what);
    }
    for (const double y : y_ticks()) {
      line(area_left, y_of(y), area_right, y_of(y), "#e4e4e4");
      label(area_left - 6, y_of(y) + 4, "end", fmt::format("{:g}", y));
    }
    line(area_left, bottom, area_right, bottom, "black");
    line(area_left, bottom, area_left, top, "black");
    for (std::size_t k = 0; k < plot_.lines.size(); ++k) curve(plot_.lines[k], k);
    add("</svg>\n");
    return std::move(text_);
  }

 private:
  static constexpr double width = 820, area_left = 70, area_right = 600, top = 40, bottom = 350;

  /// The next of 1, 2, 5 x 10^k, upwards or downwards.
  static double rounded(double v, bool up) {
    const double decade = std::pow(10.0, std::floor(std::log10(v)));
    double best = up ? 10 * decade : decade;
    for (const double step : {1.0, 2.0, 5.0})
      if (up ? step * decade >= v * (1 - 1e-9) && step * decade < best : step * decade <= v * (1 + 1e-9) && step * decade > best) best = step * decade;
    return best;
  }
  std::vector<double> y_ticks() const {
    std::vector<double> all;
    const bool decades = high_ / low_ > 1000;
    for (double decade = std::pow(10.0, std::floor(std::log10(low_))); decade <= high_ * 1.001; decade *= 10)
      for (const double step : {1.0, 2.0, 5.0}) {
        const double at = step * decade;
        if ((step == 1.0 || !decades) && at >= low_ * 0.999 && at <= high_ * 1.001) all.push_back(at);
      }
    return all;
  }

  double x_of(double x) const { return area_left + (area_right - area_left) * std::log(x / left_) / std::log(right_ / left_); }
  double y_of(double y) const { return bottom - (bottom - top) * std::log(y / low_) / std::log(high_ / low_); }

  void curve(const series& s, std::size_t number) {
    // Hues a golden angle apart stay distinct however many there are.
    const double hue = std::fmod(137.508 * static_cast<double>(number) + 210, 360.0);
    const std::string colour = fmt::format("hsl({:.0f},70%,{}%)", hue, number % 2 == 0 ? 40 : 55);
    const char* const dash = s.dashed ? " stroke-dasharray='6 4'" : "";
    add("<polyline fill='none' stroke='{}' stroke-width='1.8'{} points='", colour, dash);
    for (const auto& [x, y] : s.points) add("{:.1f},{:.1f} ", x_of(x), y_of(y));
    add("'/>\n");
    for (const auto& [x, y] : s.points) add("<circle cx='{:.1f}' cy='{:.1f}' r='2.5' fill='{}'/>\n", x_of(x), y_of(y), colour);
    const double at = top + 18.0 * static_cast<double>(number);
    add("<path d='M{:.0f} {:.0f} h24' stroke='{}' stroke-width='2'{}/>\n", area_right + 16, at, colour, dash);
    label(area_right + 46, at + 4, "start", s.name);
  }

  void line(double x0, double y0, double x1, double y1, const char* colour) {
    add("<path d='M{:.1f} {:.1f} L{:.1f} {:.1f}' stroke='{}'/>\n", x0, y0, x1, y1, colour);
  }
  void label(double x, double y, const char* anchor, const std::string& what, int size = 12) {
    add("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' font-size='{}'>{}</text>\n", x, y, anchor, size, escaped(what));
  }
  static std::string escaped(const std::string& what) {
    std::string out;
    for (const char c : what) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return out;
  }

  template <class... A>
  void add(fmt::format_string<A...> format, A&&... values) {
    text_ += fmt::format(format, std::forward<A>(values)...);
  }

  const plot& plot_;
  double left_ = 1e300, right_ = 0, low_ = 1e300, high_ = 0;
  std::string text_;
};

}  // namespace diffode_bench
