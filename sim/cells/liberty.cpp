// Liberty: a scanner over groups and attributes that skips what nobody asked for (timing tables are most of a
// file).
#include "sim/cells/liberty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/cells/liberty_scanner.hpp"
#include "sim/cells/liberty_tree.hpp"

namespace subbyte::sim {
namespace {

using Attributes = std::map<std::string, std::string>;
/// Called at the '{' of each group; true when it consumed the group.
using OnGroup = std::function<bool(const std::string& kind, const std::vector<std::string>& names)>;

/// The statements of a group to its '}'. Arguments of complex attributes are joined by a comma.
Attributes read_group(LibertyScanner& scanner, const OnGroup& on_group) {
  Attributes attributes;
  for (std::string name = scanner.next(); name != "}"; name = scanner.next()) {
    if (name.empty()) scanner.fail("the file ends inside a group, expected '}'");
    if (name == ";") continue;
    const std::string sign = scanner.next();
    if (sign == ":") {
      attributes[name] = scanner.value();
    } else if (sign == "(") {
      const std::vector<std::string> names = scanner.arguments();
      if (scanner.peek() != "{") {
        attributes[name] = fmt::format("{}", fmt::join(names, ","));
        continue;
      }
      scanner.next();
      if (!on_group || !on_group(name, names)) scanner.skip_group();
    } else {
      scanner.fail("found '" + sign + "' after '" + name + "', expected ':' or '('");
    }
  }
  return attributes;
}

/// `where` names what the attribute belongs to.
double number(const LibertyScanner& scanner, const std::string& where, const Attributes& attributes,
              const std::string& key, double otherwise) {
  const auto found = attributes.find(key);
  if (found == attributes.end()) return otherwise;
  std::vector<double> values;
  try {
    values = liberty_numbers(found->second);
  } catch (const std::invalid_argument&) {
    values.clear();
  }
  if (values.size() != 1)
    scanner.fail(where + ": " + key + " is '" + found->second.substr(0, 40) + "', expected a finite number");
  return values.front();
}

std::string text_of(const Attributes& attributes, const std::string& key) {
  const auto found = attributes.find(key);
  return found == attributes.end() ? "" : found->second;
}

LibertyPin read_pin(LibertyScanner& scanner, const std::string& cell, const std::string& name) {
  const Attributes attributes = read_group(scanner, nullptr);
  LibertyPin pin;
  pin.name = name;
  pin.input = text_of(attributes, "direction") == "input";
  pin.output = text_of(attributes, "direction") == "output";
  pin.capacitance_ff = number(scanner, "cell " + cell + " pin " + name, attributes, "capacitance", 0);
  pin.function = text_of(attributes, "function");
  pin.three_state = text_of(attributes, "three_state");
  return pin;
}

/// A name that two of them have; empty without one.
template <typename Named>
std::string named_twice(const std::vector<Named>& all) {
  std::set<std::string_view> names;
  for (const Named& one : all) {
    if (!names.insert(one.name).second) return one.name;
  }
  return {};
}

LibertyCell read_cell(LibertyScanner& scanner, const std::string& name) {
  LibertyCell cell;
  cell.name = name;
  const Attributes attributes =
      read_group(scanner, [&](const std::string& kind, const std::vector<std::string>& names) {
        if (kind == "pin") {
          if (names.size() != 1)
            scanner.fail("cell " + name + ": a pin group names several pins or none, expected one");
          cell.pins.push_back(read_pin(scanner, name, names[0]));
          return true;
        }
        if (kind == "latch" || kind == "latch_bank") cell.latch = true;
        if (kind != "ff" && kind != "ff_bank") return false;
        cell.flip_flop = true;
        const Attributes state = read_group(scanner, nullptr);
        if (kind == "ff") cell.state = names;  // a bank has as many states as bits: nobody here can use it
        cell.next_state = text_of(state, "next_state");
        cell.clocked_on = text_of(state, "clocked_on");
        cell.clear = text_of(state, "clear");
        cell.preset = text_of(state, "preset");
        cell.clear_preset = text_of(state, "clear_preset_var1") + text_of(state, "clear_preset_var2");
        return true;
      });
  cell.area = number(scanner, "cell " + name, attributes, "area", 0);
  cell.dont_use = text_of(attributes, "dont_use") == "true";
  if (const std::string twice = named_twice(cell.pins); !twice.empty())
    scanner.fail("cell " + name + " has pin " + twice + " twice");
  return cell;
}

/// "1ns", "10ps", "1,pf": the number and the unit's factor.
double unit_of(const std::string& text, const std::map<std::string, double>& factors) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return 0;
  std::string unit;
  for (const char* c = end; c != text.data() + text.size(); ++c) {
    if (std::isalpha(static_cast<unsigned char>(*c)) != 0) unit += static_cast<char>(std::tolower(*c));
  }
  const auto factor = factors.find(unit);
  return factor == factors.end() ? 0 : value * factor->second;
}

void set_conditions(Library& library, const LibertyScanner& scanner, const Attributes& top,
                    const std::map<std::string, Attributes>& conditions) {
  const auto value = [&](const Attributes& from, const std::string& key, double otherwise) {
    return number(scanner, "library", from, key, otherwise);
  };
  library.corner = text_of(top, "default_operating_conditions");
  const auto found = conditions.find(library.corner);
  const Attributes empty;
  const Attributes& chosen = found == conditions.end() ? empty : found->second;
  if (found == conditions.end()) library.corner = "nominal";
  const std::string volt = text_of(top, "voltage_unit");
  library.voltage_v = value(chosen, "voltage", value(top, "nom_voltage", 0)) *
                      (volt.empty() ? 1 : unit_of(volt, {{"v", 1}, {"mv", 1e-3}}));
  library.temperature_c = value(chosen, "temperature", value(top, "nom_temperature", -1000));
  library.process = value(chosen, "process", value(top, "nom_process", 0));
  library.time_unit_ns = unit_of(text_of(top, "time_unit"), {{"ns", 1}, {"ps", 1e-3}, {"us", 1e3}});
  library.capacitance_unit_ff = unit_of(text_of(top, "capacitive_load_unit"), {{"ff", 1}, {"pf", 1e3}});
}

void check(const Library& library) {
  const std::string file = library.path.string();
  if (const std::string twice = named_twice(library.cells); !twice.empty())
    throw InputError(file, "cell " + twice, "is defined twice");
  if (library.cells.empty()) throw InputError(file, "library '" + library.name + "'", "has no cells");
  const bool corner =
      library.voltage_v > 0 && library.voltage_v < 1000 && library.temperature_c > -274 && library.process > 0;
  if (!corner) {
    throw InputError(file, "library '" + library.name + "'",
                     "names no voltage, temperature and process (nom_* or default_operating_conditions)");
  }
  if (library.time_unit_ns <= 0 || library.capacitance_unit_ff <= 0) {
    throw InputError(file, "library '" + library.name + "'", "time_unit or capacitive_load_unit is absent or unknown");
  }
}

}  // namespace

Library read_library(const std::filesystem::path& path) { return parse_library(library_file(path), path); }

Library parse_library(std::string_view text, const std::filesystem::path& path) {
  LibertyScanner scanner(text, path.string());
  const std::string head = scanner.next();
  if (head != "library" || scanner.next() != "(")
    scanner.fail("found '" + head.substr(0, 40) + "', expected 'library (NAME) {'");
  Library library;
  library.path = path;
  const std::vector<std::string> names = scanner.arguments();
  library.name = names.empty() ? "" : names[0];
  if (scanner.next() != "{") scanner.fail("expected '{' after library (" + library.name + ")");
  std::map<std::string, Attributes> conditions;
  const Attributes top = read_group(scanner, [&](const std::string& kind, const std::vector<std::string>& groups) {
    if (kind == "cell" && groups.size() != 1) scanner.fail("a cell group has several names or none, expected one");
    if (kind == "cell")
      library.cells.push_back(read_cell(scanner, groups[0]));
    else if (kind == "operating_conditions" && groups.size() == 1)
      conditions[groups[0]] = read_group(scanner, nullptr);
    else
      return false;
    return true;
  });
  set_conditions(library, scanner, top, conditions);
  check(library);
  for (LibertyCell& cell : library.cells) {
    for (LibertyPin& pin : cell.pins) pin.capacitance_ff *= library.capacitance_unit_ff;
  }
  library.hash = content_hash(text);
  return library;
}

}  // namespace subbyte::sim
