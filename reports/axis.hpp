// The axes of scatter plots: their ranges, their ticks, and the points that can be placed on them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "reports/record.hpp"

namespace subbyte::reports {

/// These are the measures of the drawing's box, in SVG units.
inline constexpr double kWidth = 720, kHeight = 420, kLeft = 70, kRight = 16, kTop = 14, kBottom = 52;

/// An axis, which is linear, or logarithmic with `low` and `high` as decimal exponents.
struct Axis {
  double low = 0, high = 1, step = 1;
  bool log = false;

  double at(double value, double from, double to) const {
    const double v = log ? std::log10(value) : value;
    return from + (v - low) / (high - low) * (to - from);
  }
};
Axis axis_over(const std::vector<double>& values, bool log);

struct PlotPoint {
  double x = 0, y = 0;  ///< in SVG units
  std::size_t row = 0;  ///< the row of the table
  std::size_t series = 0;
  bool marked = false;
};

/// Holds a scatter plot that is laid out. Rows are left out whose x or y is not a finite number, or not positive on a
/// logarithmic axis.
struct PlotLayout {
  Axis x, y;
  std::vector<PlotPoint> points;
  std::vector<std::string> series;
};
PlotLayout lay_out(const Scatter& scatter, const Table& table);

/// Draws grid lines with the labels of their ticks, and the names of the axes.
std::string grid_svg(const Axis& x, const Axis& y);
std::string axis_names_svg(const Scatter& scatter, const Table& table);

}  // namespace subbyte::reports
