#include "reports/record.hpp"

#include <algorithm>
#include <stdexcept>

namespace subbyte::reports {

std::vector<Metric> with_half_widths(const std::vector<Metric>& metrics) {
  std::vector<Metric> all;
  for (const Metric& m : metrics) {
    all.push_back(m);
    if (m.half_width) all.push_back({m.name + "_half_width", m.quantity, m.unit, *m.half_width, m.source});
  }
  return all;
}

std::size_t column(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &Column::name);
  const auto others = std::ranges::count(table.columns, name, &Column::name);
  if (others != 1)
    throw std::out_of_range("table '" + table.title + "' has " + std::to_string(others) + " columns '" +
                            std::string(name) + "', expected one");
  return static_cast<std::size_t>(found - table.columns.begin());
}

bool has_total(const Table& table) {
  return table.rows.size() > 1 && !table.columns.empty() && table.rows.back()[0] == "total";
}

}  // namespace subbyte::reports
