#include "reports/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "reports/escape.hpp"

namespace subbyte::reports {
namespace {

std::string label(const Column& column) {
  return escape(column.unit.empty() ? column.name : column.name + " [" + column.unit + "]");
}

}  // namespace

Axis axis_over(const std::vector<double>& values, bool log) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double v : values) {
    low = std::min(low, log ? std::log10(v) : v);
    high = std::max(high, log ? std::log10(v) : v);
  }
  if (!(low < high)) return {low - 1, low + 1, 1, log};
  const double margin = (high - low) * 0.06;
  low -= margin;
  high += margin;
  const double raw = (high - low) / 6, power = std::pow(10, std::floor(std::log10(raw)));
  const double step = raw / power < 1.5   ? power
                      : raw / power < 3.5 ? 2 * power
                      : raw / power < 7.5 ? 5 * power
                                          : 10 * power;
  return {low, high, step, log};
}

PlotLayout lay_out(const Scatter& scatter, const Table& table) {
  PlotLayout layout;
  std::vector<double> xs, ys;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    if (!row[scatter.x].is_number() || !row[scatter.y].is_number()) continue;
    const double x = row[scatter.x].get<double>(), y = row[scatter.y].get<double>();
    if (!std::isfinite(x) || !std::isfinite(y) || (scatter.log_x && x <= 0) || (scatter.log_y && y <= 0)) continue;
    const std::string name = cell_text(row[scatter.series]);
    auto it = std::find(layout.series.begin(), layout.series.end(), name);
    if (it == layout.series.end()) it = layout.series.insert(layout.series.end(), name);
    const bool marked = row[scatter.mark].is_boolean() && row[scatter.mark].get<bool>();
    layout.points.push_back({x, y, i, static_cast<std::size_t>(it - layout.series.begin()), marked});
    xs.push_back(x);
    ys.push_back(y);
  }
  if (layout.points.empty()) return layout;
  // A logarithmic axis over less than a decade only puts crooked numbers on the ticks.
  const auto wide = [](const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return *most >= 10 * *least;
  };
  layout.x = axis_over(xs, scatter.log_x && wide(xs));
  layout.y = axis_over(ys, scatter.log_y && wide(ys));
  for (PlotPoint& point : layout.points) {
    point.x = layout.x.at(point.x, kLeft, kWidth - kRight);
    point.y = layout.y.at(point.y, kHeight - kBottom, kTop);
  }
  return layout;
}

std::string grid_svg(const Axis& x, const Axis& y) {
  std::string out;
  for (double v = std::ceil(x.low / x.step) * x.step; v <= x.high; v += x.step) {
    const double px = kLeft + (v - x.low) / (x.high - x.low) * (kWidth - kLeft - kRight);
    const double shown = x.log ? std::pow(10, v) : std::abs(v) < x.step * 1e-9 ? 0 : v;
    out += fmt::format(
        "<path class='grid' d='M{0:.1f} {1}V{2}'/><text x='{0:.1f}' y='{3}' text-anchor='middle'>{4:.4g}</text>", px,
        kTop, kHeight - kBottom, kHeight - kBottom + 18, shown);
  }
  for (double v = std::ceil(y.low / y.step) * y.step; v <= y.high; v += y.step) {
    const double py = kHeight - kBottom - (v - y.low) / (y.high - y.low) * (kHeight - kTop - kBottom);
    const double shown = y.log ? std::pow(10, v) : std::abs(v) < y.step * 1e-9 ? 0 : v;
    out += fmt::format(
        "<path class='grid' d='M{0} {1:.1f}H{2}'/><text x='{3}' y='{4:.1f}' text-anchor='end'>{5:.4g}</text>", kLeft,
        py, kWidth - kRight, kLeft - 8, py + 4, shown);
  }
  return out;
}

std::string axis_names_svg(const Scatter& scatter, const Table& table) {
  return fmt::format(
      "<text class='axis' x='{}' y='{}' text-anchor='middle'>{}</text>"
      "<text class='axis' transform='translate(16 {}) rotate(-90)' text-anchor='middle'>{}</text>",
      (kLeft + kWidth - kRight) / 2, kHeight - 12, label(table.columns[scatter.x]), (kTop + kHeight - kBottom) / 2,
      label(table.columns[scatter.y]));
}

}  // namespace subbyte::reports
