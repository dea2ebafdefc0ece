#include "sim/cells/cell_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "sim/base/input_error.hpp"
#include "sim/cells/liberty_tree.hpp"
#include "sim/cells/liberty_units.hpp"

namespace subbyte::sim {
namespace {

struct Template {
  std::string variable[2];
  std::vector<double> index[2];
};

/// What an index of a table means.
enum class Axis : std::uint8_t { kNone, kSlew, kLoad };

Axis axis_of(std::string_view variable) {
  if (variable.empty()) return Axis::kNone;
  if (variable == "total_output_net_capacitance" || variable == "related_pin_transition") return Axis::kLoad;
  if (variable == "input_net_transition" || variable == "input_transition_time" ||
      variable == "constrained_pin_transition")
    return Axis::kSlew;
  throw std::invalid_argument("a table depends on '" + std::string(variable) +
                              "', expected a transition or total_output_net_capacitance");
}

void check_axis(const std::vector<double>& axis) {
  if (std::adjacent_find(axis.begin(), axis.end(), std::greater_equal<>()) != axis.end())
    throw std::invalid_argument("an index of a table does not rise");
}

/// Reads an attribute that is one number; returns nothing when it is absent.
std::optional<double> only_number(const LibertyGroup& group, const std::string& attribute) {
  if (group.text(attribute).empty()) return std::nullopt;
  const std::vector<double> numbers = liberty_numbers(group.text(attribute));
  if (numbers.size() != 1) throw std::invalid_argument(attribute + " is no number");
  return numbers.front();
}

class Reader {
 public:
  Reader(const LibertyGroup& library, const LibertyUnits& units)
      : units_(units),
        default_capacitance_(only_number(library, "default_input_pin_cap")),
        default_leakage_(only_number(library, "default_cell_leakage_power")) {
    if (!library.text("leakage_power_unit").empty() && !(units.leakage_nw > 0))
      throw std::invalid_argument("leakage_power_unit is not above 0");
    for (const LibertyGroup& group : library.groups) {
      const bool timing = group.kind == "lu_table_template";
      if ((!timing && group.kind != "power_lut_template") || group.names.size() != 1) continue;
      Template shape;
      for (unsigned i = 0; i < 2; ++i) {
        shape.variable[i] = group.text(fmt::format("variable_{}", i + 1));
        shape.index[i] = liberty_numbers(group.text(fmt::format("index_{}", i + 1)));
      }
      templates_[timing][group.names[0]] = std::move(shape);
    }
  }

  CellTables cell(const LibertyGroup& group) const;

 private:
  /// What a table's values are decides their unit, the unit of a load (which is a transition for a setup), and the kind
  /// of template.
  enum class Values : std::uint8_t { kDelay, kSetup, kPower };
  const Template& shape_of(const LibertyGroup& group, Values what) const;
  LookupTable table(const LibertyGroup& group, Values what) const;
  PerEdge<LookupTable> tables(const LibertyGroup& group, const char* rise, const char* fall, Values what) const;
  void timing(const LibertyGroup& group, PinTables& pin) const;
  PinTables pin(const LibertyGroup& group) const;
  double upper_end(const LibertyGroup& group, const char* range, double otherwise) const;

  const LibertyUnits& units_;
  std::optional<double> default_capacitance_;  ///< the capacitance of an input that states none
  std::optional<double> default_leakage_;
  /// Those of power and those of timing, because both may use the same names.
  std::map<std::string, Template> templates_[2];
};

// Some libraries let power tables refer to templates of timing, or the other way round.
const Template& Reader::shape_of(const LibertyGroup& group, Values what) const {
  static const Template kScalar;
  if (group.names.empty() || group.names[0] == "scalar") return kScalar;
  for (const bool timing : {what != Values::kPower, what == Values::kPower}) {
    const auto found = templates_[timing].find(group.names[0]);
    if (found != templates_[timing].end()) return found->second;
  }
  throw std::invalid_argument("no table template '" + group.names[0] + "'");
}

LookupTable Reader::table(const LibertyGroup& group, Values what) const {
  LookupTable result;
  const std::vector<double> values = liberty_numbers(group.text("values"));
  const double value_unit = what == Values::kPower ? units_.energy_pj : units_.time_ns;
  const Template& shape = shape_of(group, what);
  std::size_t sizes[2] = {1, 1};
  Axis axes[2] = {Axis::kNone, Axis::kNone};
  for (unsigned i = 0; i < 2; ++i) {
    axes[i] = axis_of(shape.variable[i]);
    if (axes[i] == Axis::kNone) continue;
    std::vector<double> index = liberty_numbers(group.text(fmt::format("index_{}", i + 1)));
    if (index.empty()) index = shape.index[i];
    check_axis(index);
    sizes[i] = index.size();
    const bool load = axes[i] == Axis::kLoad;
    const double unit = load && what != Values::kSetup ? units_.capacitance_ff : units_.time_ns;
    for (double& x : index) x *= unit;
    (load ? result.load_ff : result.slew_ns) = std::move(index);
  }
  if (axes[0] != Axis::kNone && axes[0] == axes[1]) throw std::invalid_argument("both indices of a table are alike");
  if (values.size() != sizes[0] * sizes[1]) {
    throw std::invalid_argument(
        fmt::format("{} has {} values, expected {} x {}", group.kind, values.size(), sizes[0], sizes[1]));
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

PerEdge<LookupTable> Reader::tables(const LibertyGroup& group, const char* rise, const char* fall, Values what) const {
  PerEdge<LookupTable> result;
  for (const LibertyGroup& one : group.groups) {
    if (one.text("values").empty()) continue;  // some libraries write an empty scalar for "none"
    if (one.kind == rise) result[0] = table(one, what);
    if (one.kind == fall) result[1] = table(one, what);
  }
  return result;
}

/// Makes one arc for each pin of a related_pin, which may name several, and one arc without a name where there is none.
template <typename Arc>
void add_arcs(Arc arc, std::string_view related_pins, std::vector<Arc>& arcs) {
  constexpr std::size_t kMostPins = 64;  // each pin gets its own copy of the tables
  std::vector<std::string> names;
  std::istringstream words{std::string(related_pins)};
  for (std::string word; words >> word;) names.push_back(word);
  if (names.size() > kMostPins)
    throw std::invalid_argument(
        fmt::format("a related_pin names {} pins, expected at most {}", names.size(), kMostPins));
  if (names.empty()) names.emplace_back();
  for (const std::string& name : names) {
    arc.related_pin = name;
    arcs.push_back(arc);
  }
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
    arc.delay = tables(group, "rise_constraint", "fall_constraint", Values::kSetup);
    return add_arcs(arc, group.text("related_pin"), pin.timing);
  } else {
    return;
  }
  const std::string_view sense = group.text("timing_sense");
  arc.positive = sense != "negative_unate";
  arc.negative = sense != "positive_unate";
  arc.delay = tables(group, "cell_rise", "cell_fall", Values::kDelay);
  arc.transition = tables(group, "rise_transition", "fall_transition", Values::kDelay);
  add_arcs(arc, group.text("related_pin"), pin.timing);
}

double Reader::upper_end(const LibertyGroup& group, const char* range, double otherwise) const {
  if (group.text(range).empty()) return otherwise;
  const std::vector<double> ends = liberty_numbers(group.text(range));
  if (ends.size() != 2) throw std::invalid_argument(fmt::format("{} has {} values, expected 2", range, ends.size()));
  return ends[1] * units_.capacitance_ff;
}

PinTables Reader::pin(const LibertyGroup& group) const {
  PinTables pin;
  pin.name = group.names[0];
  pin.input = group.text("direction") == "input";
  pin.clock = group.text("clock") == "true";
  const bool stated = !group.text("capacitance").empty() || !group.text("rise_capacitance").empty();
  if (pin.input && !stated && !default_capacitance_)
    throw std::invalid_argument("pin " + pin.name + " has no capacitance");
  const double otherwise = pin.input && !stated ? *default_capacitance_ : 0;
  const double capacitance = group.number("capacitance", group.number("rise_capacitance", otherwise));
  pin.capacitance_ff = capacitance * units_.capacitance_ff;
  pin.edge_capacitance_ff = {group.number("rise_capacitance", capacitance) * units_.capacitance_ff,
                             group.number("fall_capacitance", capacitance) * units_.capacitance_ff};
  pin.most_capacitance_ff = {upper_end(group, "rise_capacitance_range", pin.edge_capacitance_ff[0]),
                             upper_end(group, "fall_capacitance_range", pin.edge_capacitance_ff[1])};
  for (const LibertyGroup& one : group.groups) {
    if (one.kind == "timing") timing(one, pin);
    if (one.kind != "internal_power") continue;
    const std::string_view rail = one.text("related_pg_pin");
    if (rail == "VSS" || rail == "GND" || rail == "VGND") continue;
    PowerArc arc{"", std::string(one.text("when")), {}};
    arc.energy_pj = tables(one, "rise_power", "fall_power", Values::kPower);
    for (const LibertyGroup& both : one.groups) {
      if (both.kind == "power" && !both.text("values").empty())
        arc.energy_pj[0] = arc.energy_pj[1] = table(both, Values::kPower);
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
    if (one.kind == "pin") cell.pins.push_back(pin(one));
    if (one.kind != "leakage_power") continue;
    const std::string_view rail = one.text("related_pg_pin");
    if (rail == "VSS" || rail == "GND" || rail == "VGND") continue;
    cell.leakage.push_back({std::string(one.text("when")), one.number("value", 0) * units_.leakage_nw});
    sum += cell.leakage.back().nw;
  }
  const std::optional<double> stated = only_number(group, "cell_leakage_power");
  const bool by_default = default_leakage_ && *default_leakage_ > 0;  // a default of 0 says nothing
  cell.has_leakage = stated || !cell.leakage.empty() || by_default;
  if (units_.leakage_nw == 0 && cell.has_leakage)
    throw std::invalid_argument("has leakage, but the library no leakage_power_unit");
  if (stated || cell.leakage.empty())
    cell.leakage_nw = stated.value_or(default_leakage_.value_or(0)) * units_.leakage_nw;
  else
    cell.leakage_nw = sum / static_cast<double>(cell.leakage.size());
  return cell;
}

}  // namespace

LibraryTables library_tables(const LibertyGroup& library, const LibertyUnits& units, const std::string& file) {
  std::string where = "library";
  try {
    const Reader reader(library, units);
    LibraryTables tables;
    for (const LibertyGroup& group : library.groups) {
      if (group.kind != "cell") continue;
      where = "cell " + group.names.at(0);
      tables.cells.push_back(reader.cell(group));
      for (const PinTables& pin : tables.cells.back().pins) tables.has_power |= !pin.power.empty();
    }
    return tables;
  } catch (const std::invalid_argument& error) {
    throw InputError(file, where, error.what());
  }
}

}  // namespace subbyte::sim
