#include "reports/svg.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/axis.hpp"
#include "reports/escape.hpp"

namespace subbyte::reports {
namespace {

constexpr std::size_t kColours = 10;
constexpr const char* kColourCodes[kColours] = {"#3574c4", "#d1622b", "#2f9a5f", "#b23b7b", "#7d5bd0",
                                                "#a8871c", "#1d9aa3", "#c94343", "#6d7a35", "#6b7480"};

/// Names of the marked points beside them, moved down until none covers another.
std::string labels(const Scatter& scatter, const Table& table, const PlotLayout& layout) {
  struct Box {
    double left, right, y;
  };
  std::vector<Box> taken;
  std::vector<PlotPoint> marked;
  std::ranges::copy_if(layout.points, std::back_inserter(marked), &PlotPoint::marked);
  std::ranges::sort(marked, {}, &PlotPoint::y);
  std::string out;
  for (const PlotPoint& point : marked) {
    const std::string name = cell_text(table.rows[point.row][scatter.label]);
    const double width = 6.2 * static_cast<double>(name.size());
    const bool right = point.x + 10 + width < kWidth - kRight;
    Box box{right ? point.x + 9 : point.x - 9 - width, right ? point.x + 9 + width : point.x - 9, point.y + 4};
    const auto covers = [&](const Box& other) {
      return box.left < other.right && other.left < box.right && std::abs(box.y - other.y) < 12;
    };
    while (std::ranges::any_of(taken, covers)) box.y += 3;
    taken.push_back(box);
    out += fmt::format("<text class='name' x='{:.1f}' y='{:.1f}'>{}</text>", box.left, box.y, escape(name));
  }
  return out;
}

}  // namespace

std::string scatter_picture(const Scatter& scatter, const Table& table) {
  const PlotLayout layout = lay_out(scatter, table);
  const double rows = std::ceil(static_cast<double>(layout.series.size()) / 5);
  std::string body = fmt::format("<text class='title' x='{}' y='-14'>{}</text>", kLeft, escape(scatter.title));
  if (!layout.points.empty()) body += grid_svg(layout.x, layout.y);
  for (const PlotPoint& point : layout.points) {
    body +=
        fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='4.5' fill='{}' fill-opacity='.8'{}/>", point.x, point.y,
                    kColourCodes[point.series % kColours], point.marked ? " stroke='#1c2430' stroke-width='1.5'" : "");
  }
  body += labels(scatter, table, layout) + axis_names_svg(scatter, table);
  for (std::size_t i = 0; i < layout.series.size(); ++i) {
    const double x = kLeft + 126 * static_cast<double>(i % 5), y = kHeight + 18 * static_cast<double>(i / 5) + 8;
    body += fmt::format("<circle cx='{}' cy='{}' r='4.5' fill='{}'/><text x='{}' y='{}'>{}</text>", x, y - 4,
                        kColourCodes[i % kColours], x + 9, y, escape(layout.series[i]));
  }
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 -36 {} {}'><style>"
      "text{{font:12px system-ui,sans-serif;fill:#5b6675}}.axis,.name{{fill:#1c2430}}.name{{font-size:11px}}"
      ".title{{font-size:15px;font-weight:600;fill:#1c2430}}"
      ".grid{{stroke:#d7dce3;fill:none}}</style><rect y='-36' width='100%' height='100%' fill='#fff'/>{}</svg>\n",
      kWidth, kHeight + 36 + 18 * rows + 6, body);
}

}  // namespace subbyte::reports
