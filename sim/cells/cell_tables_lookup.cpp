#include <algorithm>

#include "sim/cells/cell_tables.hpp"

namespace subbyte::sim {
namespace {

/// The place of x between two neighbours of an axis: the lower index, and how far x lies beyond it.
struct Place {
  std::size_t low = 0;
  double fraction = 0;
};

Place place_on(const std::vector<double>& axis, double x) {
  if (axis.size() < 2) return {};
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, x);
  const auto low = static_cast<std::size_t>(above - axis.begin()) - 1;
  return {low, (x - axis[low]) / (axis[low + 1] - axis[low])};
}

}  // namespace

double LookupTable::at(double slew, double load) const {
  if (values.empty()) return 0;
  const Place s = place_on(slew_ns, slew);
  const Place l = place_on(load_ff, load);
  const std::size_t stride = load_ff.empty() ? 1 : load_ff.size();
  const auto row = [&](std::size_t i) {
    const double here = values[i * stride + l.low];
    return l.fraction == 0 ? here : here + l.fraction * (values[i * stride + l.low + 1] - here);
  };
  const double here = row(s.low);
  return s.fraction == 0 ? here : here + s.fraction * (row(s.low + 1) - here);
}

const PinTables* CellTables::pin(std::string_view pin_name) const {
  const auto found = std::ranges::find(pins, pin_name, &PinTables::name);
  return found == pins.end() ? nullptr : &*found;
}

const CellTables* LibraryTables::find(std::string_view cell) const {
  const auto found = std::ranges::find(cells, cell, &CellTables::name);
  return found == cells.end() ? nullptr : &*found;
}

}  // namespace subbyte::sim
