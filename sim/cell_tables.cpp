#include "sim/cell_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <stdexcept>

#include "sim/input_error.hpp"
#include "sim/liberty.hpp"
#include "sim/liberty_tree.hpp"

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

/// Factors from the file's units to ours.
struct Units {
  double time_ns = 1;
  double capacitance_ff = 1;
  double energy_pj = 1;   ///< capacitance times voltage squared
  double leakage_nw = 1;
};

double prefix_of(char letter) {
  switch (letter) {
    case 'f':
      return 1e-15;
    case 'p':
      return 1e-12;
    case 'n':
      return 1e-9;
    case 'u':
      return 1e-6;
    case 'm':
      return 1e-3;
    default:
      return 1;
  }
}

/// "1ns", "10 pW", "1,ff" in SI units; `otherwise` when absent. Throws std::invalid_argument.
double si_value(std::string_view text, char unit, double otherwise) {
  if (text.empty()) return otherwise;
  std::string number, letters;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      letters += static_cast<char>(std::tolower(c));
    else if (c != ',' && c != ' ')
      number += c;
  }
  if (letters.empty() || letters.size() > 2 || letters.back() != unit)
    throw std::invalid_argument(fmt::format("unit '{}', expected a number and a unit of {}", text, unit));
  const std::vector<double> value = liberty_numbers(number);
  return (value.empty() ? 1 : value.front()) * (letters.size() == 2 ? prefix_of(letters[0]) : 1);
}

Units units_of(const LibertyGroup& library) {
  Units units;
  const double farad = si_value(library.text("capacitive_load_unit"), 'f', 0);
  const double second = si_value(library.text("time_unit"), 's', 0);
  if (!(farad > 0) || !(second > 0)) throw std::invalid_argument("time_unit or capacitive_load_unit is absent");
  const double volt = si_value(library.text("voltage_unit"), 'v', 1);
  units.time_ns = second * 1e9;
  units.capacitance_ff = farad * 1e15;
  units.energy_pj = farad * volt * volt * 1e12;
  units.leakage_nw = si_value(library.text("leakage_power_unit"), 'w', 1e-9) * 1e9;
  return units;
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
  explicit Reader(const LibertyGroup& library) : units_(units_of(library)) {
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

  Units units_;
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

void Reader::timing(const LibertyGroup& group, PinTables& pin) const {
  TimingArc arc;
  const std::string_view type = group.text("timing_type");
  arc.related_pin = group.text("related_pin");
  if (type.empty() || type == "combinational") {
    arc.kind = TimingArc::Kind::kCombinational;
  } else if (type == "rising_edge") {
    arc.kind = TimingArc::Kind::kClockToOutput;
  } else if (type == "setup_rising") {
    arc.kind = TimingArc::Kind::kSetup;
    arc.delay = tables(group, "rise_constraint", "fall_constraint", units_.time_ns, false);
    pin.timing.push_back(std::move(arc));
    return;
  } else {
    return;
  }
  const std::string_view sense = group.text("timing_sense");
  arc.positive = sense != "negative_unate";
  arc.negative = sense != "positive_unate";
  arc.delay = tables(group, "cell_rise", "cell_fall", units_.time_ns, true);
  arc.transition = tables(group, "rise_transition", "fall_transition", units_.time_ns, true);
  pin.timing.push_back(std::move(arc));
}

PinTables Reader::pin(const LibertyGroup& group) const {
  PinTables pin;
  pin.name = group.names[0];
  pin.input = group.text("direction") == "input";
  pin.clock = group.text("clock") == "true";
  const double capacitance = group.number("capacitance", 0);
  pin.capacitance_ff = capacitance * units_.capacitance_ff;
  pin.edge_capacitance_ff = {group.number("rise_capacitance", capacitance) * units_.capacitance_ff,
                             group.number("fall_capacitance", capacitance) * units_.capacitance_ff};
  for (const LibertyGroup& one : group.groups) {
    if (one.kind == "timing") timing(one, pin);
    if (one.kind != "internal_power") continue;
    const std::string_view rail = one.text("related_pg_pin");
    if (rail == "VSS" || rail == "GND" || rail == "VGND") continue;
    PowerArc arc{std::string(one.text("related_pin")), std::string(one.text("when")), {}};
    arc.energy_pj = tables(one, "rise_power", "fall_power", units_.energy_pj, true);
    for (const LibertyGroup& both : one.groups) {
      if (both.kind == "power" && !both.text("values").empty()) arc.energy_pj[0] = arc.energy_pj[1] = table(both, units_.energy_pj, true);
    }
    pin.power.push_back(std::move(arc));
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
