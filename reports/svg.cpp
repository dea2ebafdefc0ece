#include "reports/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace subbyte::reports {
namespace {

constexpr double kWidth = 720, kHeight = 420, kLeft = 70, kRight = 16, kTop = 14, kBottom = 52;
constexpr std::size_t kColours = 10;  // classes s0 .. s9 in the page's style sheet

struct Axis {
  double low = 0, high = 1, step = 1;
  bool log = false;

  double at(double value, double from, double to) const {
    const double v = log ? std::log10(value) : value;
    return from + (v - low) / (high - low) * (to - from);
  }
};

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
  const double step = raw / power < 1.5 ? power : raw / power < 3.5 ? 2 * power : raw / power < 7.5 ? 5 * power : 10 * power;
  return {low, high, step, log};
}

std::string label(const Column& column) {
  return escape(column.unit.empty() ? column.name : column.name + " [" + column.unit + "]");
}

std::string grid(const Axis& x, const Axis& y) {
  std::string out;
  for (double v = std::ceil(x.low / x.step) * x.step; v <= x.high; v += x.step) {
    const double px = kLeft + (v - x.low) / (x.high - x.low) * (kWidth - kLeft - kRight);
    const double shown = x.log ? std::pow(10, v) : std::abs(v) < x.step * 1e-9 ? 0 : v;
    out += fmt::format("<path class='grid' d='M{0:.1f} {1}V{2}'/><text x='{0:.1f}' y='{3}' text-anchor='middle'>{4:.4g}</text>", px,
                       kTop, kHeight - kBottom, kHeight - kBottom + 18, shown);
  }
  for (double v = std::ceil(y.low / y.step) * y.step; v <= y.high; v += y.step) {
    const double py = kHeight - kBottom - (v - y.low) / (y.high - y.low) * (kHeight - kTop - kBottom);
    out += fmt::format("<path class='grid' d='M{0} {1:.1f}H{2}'/><text x='{3}' y='{4:.1f}' text-anchor='end'>{5:.4g}</text>", kLeft, py,
                       kWidth - kRight, kLeft - 8, py + 4, std::abs(v) < y.step * 1e-9 ? 0 : v);
  }
  return out;
}

std::string tooltip(const Table& table, const std::vector<nlohmann::json>& row) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i)
    out += escape(table.columns[i].name + ": " + cell_text(row[i], table.columns[i].digits) + " " + table.columns[i].unit) + "&#10;";
  return out;
}

struct Point {
  double x, y;
  std::size_t row;
};

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\'': out += "&#39;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

std::string scatter_svg(const Scatter& scatter, const Table& table) {
  std::vector<Point> points;
  std::vector<double> xs, ys;
  std::vector<std::string> series;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    if (!row[scatter.x].is_number() || !row[scatter.y].is_number()) continue;
    const double x = row[scatter.x].get<double>(), y = row[scatter.y].get<double>();
    if (!std::isfinite(x) || !std::isfinite(y) || (scatter.log_x && x <= 0)) continue;
    points.push_back({x, y, i});
    xs.push_back(x);
    ys.push_back(y);
  }
  if (points.empty()) return "<p>No point to plot.</p>";
  // A logarithmic axis over less than a decade only puts crooked numbers on the ticks.
  const auto [least, most] = std::minmax_element(xs.begin(), xs.end());
  const Axis x = axis_over(xs, scatter.log_x && *most >= 10 * *least), y = axis_over(ys, false);
  const auto px = [&](double v) { return x.at(v, kLeft, kWidth - kRight); };
  const auto py = [&](double v) { return y.at(v, kHeight - kBottom, kTop); };

  std::string dots;
  for (const Point& p : points) {
    const auto& row = table.rows[p.row];
    const std::string name = cell_text(row[scatter.series]);
    auto it = std::find(series.begin(), series.end(), name);
    if (it == series.end()) it = series.insert(series.end(), name);
    const bool marked = row[scatter.mark].is_boolean() && row[scatter.mark].get<bool>();
    dots += fmt::format("<circle class='dot s{}{}' tabindex='0' cx='{:.1f}' cy='{:.1f}' r='6'><title>{}</title></circle>",
                        static_cast<std::size_t>(it - series.begin()) % kColours, marked ? " marked" : "", px(p.x), py(p.y),
                        tooltip(table, row));
  }
  std::string legend;
  for (std::size_t i = 0; i < series.size(); ++i) legend += fmt::format("<span class='key s{}'>{}</span>", i % kColours, escape(series[i]));
  return fmt::format(
      "<figure><figcaption>{}</figcaption><div class='plot'><svg viewBox='0 0 {} {}' role='img' aria-label='{}'>{}{}"
      "<text class='axis' x='{}' y='{}' text-anchor='middle'>{}</text><text class='axis' transform='translate(16 {}) rotate(-90)' "
      "text-anchor='middle'>{}</text></svg></div><div class='legend'>{}</div></figure>\n",
      escape(scatter.title), kWidth, kHeight, escape(scatter.title), grid(x, y), dots, (kLeft + kWidth - kRight) / 2, kHeight - 12,
      label(table.columns[scatter.x]), (kTop + kHeight - kBottom) / 2, label(table.columns[scatter.y]), legend);
}

}  // namespace subbyte::reports
