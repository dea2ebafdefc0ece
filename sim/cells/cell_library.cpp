// This file reads what a Liberty file says out of its tree of groups.
#include "sim/cells/cell_library.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "sim/base/hash.hpp"
#include "sim/cells/liberty_file.hpp"
#include "sim/cells/liberty_function.hpp"
#include "sim/cells/liberty_scanner.hpp"
#include "sim/cells/liberty_tree.hpp"
#include "sim/cells/liberty_units.hpp"

namespace subbyte::sim {
namespace {

/// Returns a name that two of them have, or an empty text when there is none.
template <typename Named>
std::string named_twice(const std::vector<Named>& all) {
  std::set<std::string_view> names;
  for (const Named& one : all) {
    if (!names.insert(one.name).second) return one.name;
  }
  return {};
}

class Reader {
 public:
  Reader(std::string_view text, const std::filesystem::path& path) : text_(text), file_(path.string()) {
    library_.path = path;
  }

  CellLibrary library() {
    const LibertyGroup tree = parse_liberty(text_, file_);
    const LibertyUnits units = liberty_units(tree);
    library_.name = tree.names.empty() ? "" : tree.names[0];
    for (const LibertyGroup& group : tree.groups) {
      if (group.kind != "cell") continue;
      if (group.names.size() != 1) fail(group.begin, "a cell group has several names or none, expected one");
      library_.cells.push_back(cell(group));
    }
    set_conditions(tree, units);
    check();
    for (LibertyCell& cell : library_.cells) {
      for (LibertyPin& pin : cell.pins) pin.capacitance_ff *= library_.capacitance_unit_ff;
    }
    library_.hash = content_hash(text_);
    try {
      library_.cell_tables = library_tables(tree, units, file_);
    } catch (const InputError& error) {
      library_.tables_refused = error;
    }
    return std::move(library_);
  }

 private:
  [[noreturn]] void fail(std::size_t offset, const std::string& what) const {
    refuse_liberty(text_, file_, offset, what);
  }

  /// `where` names the group that the attribute belongs to.
  double number(const std::string& where, const LibertyGroup& group, const std::string& key, double otherwise) const {
    const auto found = group.attributes.find(key);
    if (found == group.attributes.end()) return otherwise;
    std::vector<double> values;
    try {
      values = liberty_numbers(found->second);
    } catch (const std::invalid_argument&) {
      values.clear();
    }
    if (values.size() != 1)
      fail(group.end, where + ": " + key + " is '" + found->second.substr(0, 40) + "', expected a finite number");
    return values.front();
  }

  LibertyPin pin(const std::string& cell, const LibertyGroup& group) const {
    if (group.names.size() != 1)
      fail(group.begin, "cell " + cell + ": a pin group names several pins or none, expected one");
    LibertyPin pin;
    pin.name = group.names[0];
    pin.input = group.text("direction") == "input";
    pin.output = group.text("direction") == "output";
    pin.capacitance_ff = number("cell " + cell + " pin " + pin.name, group, "capacitance", 0);
    pin.function = group.text("function");
    pin.three_state = group.text("three_state");
    return pin;
  }

  LibertyCell cell(const LibertyGroup& group) const {
    LibertyCell cell;
    cell.name = group.names[0];
    for (const LibertyGroup& one : group.groups) {
      if (one.kind == "pin") cell.pins.push_back(pin(cell.name, one));
      if (one.kind == "latch" || one.kind == "latch_bank") cell.latch = true;
      if (one.kind == "ff" || one.kind == "ff_bank") set_flip_flop(cell, one);
    }
    cell.area = number("cell " + cell.name, group, "area", 0);
    cell.dont_use = group.text("dont_use") == "true";
    if (const std::string twice = named_twice(cell.pins); !twice.empty())
      fail(group.end, "cell " + cell.name + " has pin " + twice + " twice");
    return cell;
  }

  static void set_flip_flop(LibertyCell& cell, const LibertyGroup& group) {
    cell.flip_flop = true;
    if (group.kind == "ff") cell.state = group.names;  // a bank has as many states as bits, and nobody here can use one
    cell.next_state = group.text("next_state");
    cell.clocked_on = group.text("clocked_on");
    cell.clear = group.text("clear");
    cell.preset = group.text("preset");
    cell.clear_preset = group.text("clear_preset_var1");
    cell.clear_preset += group.text("clear_preset_var2");
  }

  void set_conditions(const LibertyGroup& top, const LibertyUnits& units) {
    library_.corner = top.text("default_operating_conditions");
    const LibertyGroup none;
    const LibertyGroup* chosen = nullptr;
    for (const LibertyGroup& group : top.groups) {  // where a corner is described twice, the last description counts
      if (group.kind == "operating_conditions" && group.names.size() == 1 && group.names[0] == library_.corner)
        chosen = &group;
    }
    if (chosen == nullptr) library_.corner = "nominal";
    const auto condition = [&](const char* name, double otherwise) {
      const double nominal = number("library", top, std::string("nom_") + name, otherwise);
      return chosen == nullptr ? nominal : number("library", *chosen, name, nominal);
    };
    library_.voltage_v = condition("voltage", 0) * units.voltage_v;
    library_.temperature_c = condition("temperature", -1000);
    library_.process = condition("process", 0);
    library_.time_unit_ns = units.time_ns;
    library_.capacitance_unit_ff = units.capacitance_ff;
  }

  void check() const {
    const std::string where = "library '" + library_.name + "'";
    if (const std::string twice = named_twice(library_.cells); !twice.empty())
      throw InputError(file_, "cell " + twice, "is defined twice");
    if (library_.cells.empty()) throw InputError(file_, where, "has no cells");
    const bool corner =
        library_.voltage_v > 0 && library_.voltage_v < 1000 && library_.temperature_c > -274 && library_.process > 0;
    if (!corner) {
      throw InputError(file_, where,
                       "names no voltage, temperature and process (nom_* or default_operating_conditions)");
    }
    if (library_.time_unit_ns <= 0 || library_.capacitance_unit_ff <= 0)
      throw InputError(file_, where, "time_unit or capacitive_load_unit is absent or unknown");
  }

  std::string_view text_;
  std::string file_;
  CellLibrary library_;
};

bool computes(const LibertyCell& cell, std::size_t wanted_inputs, std::uint64_t wanted) {
  if (cell.sequential() || cell.dont_use || cell.area <= 0) return false;
  std::vector<std::string> inputs;
  std::string function;
  std::size_t outputs = 0;
  for (const LibertyPin& pin : cell.pins) {
    if (pin.input) inputs.push_back(pin.name);
    if (pin.output) {
      ++outputs;
      function = pin.function;
    }
  }
  if (outputs != 1 || inputs.size() != wanted_inputs || function.empty()) return false;
  try {
    return truth_table(function, inputs) == wanted;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

const LibertyCell& smallest(const CellLibrary& library, std::size_t inputs, std::uint64_t table,
                            const std::string& what) {
  const LibertyCell* best = nullptr;
  for (const LibertyCell& cell : library.cells) {
    if (computes(cell, inputs, table) && (best == nullptr || cell.area < best->area)) best = &cell;
  }
  if (best == nullptr) throw InputError(library.path.string(), "library '" + library.name + "'", "has no " + what);
  return *best;
}

}  // namespace

const LibertyCell* CellLibrary::find(std::string_view cell) const {
  const auto found = std::ranges::find(cells, cell, &LibertyCell::name);
  return found == cells.end() ? nullptr : &*found;
}

const LibraryTables& CellLibrary::tables() const {
  if (tables_refused) throw InputError(*tables_refused);
  return cell_tables;
}

CellLibrary read_cell_library(const std::filesystem::path& path) {
  return parse_cell_library(liberty_text(path), path);
}

CellLibrary parse_cell_library(std::string text, const std::filesystem::path& path) {
  const auto kept = std::make_shared<const std::string>(std::move(text));
  CellLibrary library = Reader(*kept, path).library();
  library.text = kept;
  return library;
}

const LibertyCell& smallest_inverter(const CellLibrary& library) { return smallest(library, 1, 0b01, "inverter"); }
const LibertyCell& smallest_buffer(const CellLibrary& library) { return smallest(library, 1, 0b10, "buffer"); }
const LibertyCell& smallest_nand2(const CellLibrary& library) { return smallest(library, 2, 0b0111, "two-input NAND"); }

}  // namespace subbyte::sim
