#include "sim/cell_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "sim/input_error.hpp"
#include "sim/liberty.hpp"
#include "sim/liberty_tree.hpp"
#include "sim/liberty_units.hpp"

namespace subbyte::sim {
namespace {

/// Place of x between two neighbours of an axis: the lower index and how far on.
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

struct Template {
  std::string variable[2];
  std::vector<double> index[2];
};

/// What an index of a table means.
enum class Axis : std::uint8_t { kNone, kSlew, kLoad };

Axis axis_of(std::string_view variable) {
  if (variable.empty()) return Axis::kNone;
  if (variable == "total_output_net_capacitance" || variable == "related_pin_transition") return Axis::kLoad;
  if (variable == "input_net_transition" || variable == "input_transition_time" || variable == "constrained_pin_transition")
    return Axis::kSlew;
  throw std::invalid_argument("a table depends on '" + std::string(variable) +
                              "', expected a transition or total_output_net_capacitance");
}

void check_axis(const std::vector<double>& axis) {
  if (std::adjacent_find(axis.begin(), axis.end(), std::greater_equal<>()) != axis.end())
    throw std::invalid_argument("an index of a table does not rise");
}

class Reader {
 public:
  explicit Reader(const LibertyGroup& library) : units_(liberty_units(library)), default_capacitance_(library.text("default_input_pin_cap")) {
    for (const LibertyGroup& group : library.groups) {
      const bool timing = group.kind == "lu_table_template";
      if ((!timing && group.kind != "power_lut_template") || group.names.size() != 1) continue;
      Template shape;
      for (unsigned i = 0; i < 2; ++i) {
        shape.variable[i] = group.text(fmt::format("variable_{}", i + 1));
        shape.index[i] = liberty_numbers(group.text(fmt::format("index_{}", i + 1)));
      }
      templates_[group.names[0]] = shape;
    }
  }

  CellTables cell(const LibertyGroup& group) const;

 private:
  /// `second_is_load`: the load axis is a capacitance; else (setup) a transition.
  LookupTable table(const LibertyGroup& group, double value_unit, bool load_is_capacitance) const;
  PerEdge<LookupTable> tables(const LibertyGroup& group, const char* rise, const char* fall, double value_unit,
                              bool load_is_capacitance) const;
  void timing(const LibertyGroup& group, PinTables& pin) const;
  PinTables pin(const LibertyGroup& group) const;

  LibertyUnits units_;
  std::string default_capacitance_;  ///< of an input that states none
  std::map<std::string, Template> templates_;
};

LookupTable Reader::table(const LibertyGroup& group, double value_unit, bool load_is_capacitance) const {
  LookupTable result;
  const std::vector<double> values = liberty_numbers(group.text("values"));
  Template shape;
  if (!group.names.empty() && group.names[0] != "scalar") {
    const auto found = templates_.find(group.names[0]);
    if (found == templates_.end()) throw std::invalid_argument("no table template '" + group.names[0] + "'");
    shape = found->second;
  }
  std::size_t sizes[2] = {1, 1};
  Axis axes[2] = {Axis::kNone, Axis::kNone};
  for (unsigned i = 0; i < 2; ++i) {
    axes[i] = axis_of(shape.variable[i]);
    if (axes[i] == Axis::kNone) continue;
    const std::vector<double> own = liberty_numbers(group.text(fmt::format("index_{}", i + 1)));
    if (!own.empty()) shape.index[i] = own;
    check_axis(shape.index[i]);
    sizes[i] = shape.index[i].size();
    const bool load = axes[i] == Axis::kLoad;
    const double unit = load && load_is_capacitance ? units_.capacitance_ff : units_.time_ns;
    for (double& x : shape.index[i]) x *= unit;
    (load ? result.load_ff : result.slew_ns) = shape.index[i];
  }
  if (axes[0] != Axis::kNone && axes[0] == axes[1]) throw std::invalid_argument("both indices of a table are alike");
  if (values.size() != sizes[0] * sizes[1]) {
    throw std::invalid_argument(fmt::format("{} has {} values, expected {} x {}", group.kind, values.size(), sizes[0], sizes[1]));
  }
  const bool load_first = axes[0] == Axis::kLoad;
  result.values.resize(values.size());
  for (std::size_t i = 0; i < sizes[0]; ++i) {
    for (std::size_t j = 0; j < sizes[1]; ++j) {
      const std::size_t to = load_first ? j * sizes[0] + i : i * sizes[1] + j;
      result.values[to] = values[i * sizes[1] + j] * value_unit;
    }
  }
  return result;
}

PerEdge<LookupTable> Reader::tables(const LibertyGroup& group, const char* rise, const char* fall, double value_unit,
                                    bool load_is_capacitance) const {
  PerEdge<LookupTable> result;
  for (const LibertyGroup& one : group.groups) {
    if (one.text("values").empty()) continue;  // an empty scalar, as some libraries write for "none"
    if (one.kind == rise) result[0] = table(one, value_unit, load_is_capacitance);
    if (one.kind == fall) result[1] = table(one, value_unit, load_is_capacitance);
  }
  return result;
}

/// One arc per pin of a related_pin, which may name several; one without a name where there is none.
template <typename Arc>
void add_arcs(Arc arc, std::string_view related_pins, std::vector<Arc>& arcs) {
  do {
    const std::size_t end = std::min(related_pins.find(' '), related_pins.size());
    arc.related_pin = related_pins.substr(0, end);
    arcs.push_back(arc);
    related_pins.remove_prefix(std::min(end + 1, related_pins.size()));
  } while (!related_pins.empty());
}

void Reader::timing(const LibertyGroup& group, PinTables& pin) const {
  TimingArc arc;
  const std::string_view type = group.text("timing_type");
  if (type.empty() || type.starts_with("combinational")) {
    arc.kind = TimingArc::Kind::kCombinational;
  } else if (type == "rising_edge") {
    arc.kind = TimingArc::Kind::kClockToOutput;
  } else if (type == "setup_rising") {
    arc.kind = TimingArc::Kind::kSetup;
    arc.delay = tables(group, "rise_constraint", "fall_constraint", units_.time_ns, false);
    return add_arcs(arc, group.text("related_pin"), pin.timing);
  } else {
    return;
  }
  const std::string_view sense = group.text("timing_sense");
  arc.positive = sense != "negative_unate";
  arc.negative = sense != "positive_unate";
  arc.delay = tables(group, "cell_rise", "cell_fall", units_.time_ns, true);
  arc.transition = tables(group, "rise_transition", "fall_transition", units_.time_ns, true);
  add_arcs(arc, group.text("related_pin"), pin.timing);
}

PinTables Reader::pin(const LibertyGroup& group) const {
  PinTables pin;
  pin.name = group.names[0];
  pin.input = group.text("direction") == "input";
  pin.clock = group.text("clock") == "true";
  const bool stated = !group.text("capacitance").empty() || !group.text("rise_capacitance").empty();
  if (pin.input && !stated && default_capacitance_.empty())
    throw std::invalid_argument("pin " + pin.name + " has no capacitance");
  const double otherwise = pin.input && !stated ? liberty_numbers(default_capacitance_).at(0) : 0;
  const double capacitance = group.number("capacitance", group.number("rise_capacitance", otherwise));
  pin.capacitance_ff = capacitance * units_.capacitance_ff;
  pin.edge_capacitance_ff = {group.number("rise_capacitance", capacitance) * units_.capacitance_ff,
                             group.number("fall_capacitance", capacitance) * units_.capacitance_ff};
  for (const LibertyGroup& one : group.groups) {
    if (one.kind == "timing") timing(one, pin);
    if (one.kind != "internal_power") continue;
    const std::string_view rail = one.text("related_pg_pin");
    if (rail == "VSS" || rail == "GND" || rail == "VGND") continue;
    PowerArc arc{"", std::string(one.text("when")), {}};
    arc.energy_pj = tables(one, "rise_power", "fall_power", units_.energy_pj, true);
    for (const LibertyGroup& both : one.groups) {
      if (both.kind == "power" && !both.text("values").empty()) arc.energy_pj[0] = arc.energy_pj[1] = table(both, units_.energy_pj, true);
    }
    add_arcs(arc, one.text("related_pin"), pin.power);
  }
  return pin;
}

CellTables Reader::cell(const LibertyGroup& group) const {
  CellTables cell;
  cell.name = group.names[0];
  double sum = 0;
  for (const LibertyGroup& one : group.groups) {
    if (one.kind == "pin" && one.names.size() == 1) cell.pins.push_back(pin(one));
    if (one.kind != "leakage_power") continue;
    const std::string_view rail = one.text("related_pg_pin");
    if (rail == "VSS" || rail == "GND" || rail == "VGND") continue;
    cell.leakage.push_back({std::string(one.text("when")), one.number("value", 0) * units_.leakage_nw});
    sum += cell.leakage.back().nw;
  }
  if (units_.leakage_nw == 0 && (!cell.leakage.empty() || !group.text("cell_leakage_power").empty()))
    throw std::invalid_argument("has leakage, but the library no leakage_power_unit");
  const double mean = cell.leakage.empty() ? 0 : sum / static_cast<double>(cell.leakage.size());
  cell.leakage_nw = group.text("cell_leakage_power").empty() ? mean : group.number("cell_leakage_power", 0) * units_.leakage_nw;
  return cell;
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

const CellTables* TableLibrary::find(std::string_view cell) const {
  const auto found = std::ranges::find(cells, cell, &CellTables::name);
  return found == cells.end() ? nullptr : &*found;
}

TableLibrary read_cell_tables(const std::filesystem::path& path) {
  const std::string text = library_file(path);
  const LibertyGroup tree = parse_liberty(text, path.string());
  std::string where = "library";
  try {
    const Reader reader(tree);
    TableLibrary library;
    for (const LibertyGroup& group : tree.groups) {
      if (group.kind != "cell" || group.names.size() != 1) continue;
      where = "cell " + group.names[0];
      library.cells.push_back(reader.cell(group));
      for (const PinTables& pin : library.cells.back().pins) library.has_power |= !pin.power.empty();
    }
    if (library.cells.empty()) throw std::invalid_argument("has no cells");
    return library;
  } catch (const std::invalid_argument& error) {
    throw InputError(path.string(), where, error.what());
  }
}

}  // namespace subbyte::sim
