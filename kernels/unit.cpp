#include "kernels/unit.hpp"

#include <algorithm>
#include <stdexcept>

#include "quant/edit_distance.hpp"

namespace subbyte::kernels {

#define SUBBYTE_UNIT(name) UnitInfo name##_info();
#include "kernels/units.def"
#undef SUBBYTE_UNIT

namespace {

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  return *std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return quant::edit_distance(name, a) < quant::edit_distance(name, b);
  });
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

[[noreturn]] void throw_unknown(const std::string& what, std::string_view name, const std::vector<std::string>& known) {
  throw std::invalid_argument(what + " '" + std::string(name) + "', nearest is '" + nearest(name, known) +
                              "'; known: " + joined(known));
}

}  // namespace

const std::vector<UnitInfo>& units() {
#define SUBBYTE_UNIT(name) name##_info(),
  static const std::vector<UnitInfo> catalogue = {
#include "kernels/units.def"
  };
#undef SUBBYTE_UNIT
  return catalogue;
}

const UnitInfo& unit(std::string_view name) {
  std::vector<std::string> known;
  for (const UnitInfo& info : units()) {
    if (info.name == name) return info;
    known.push_back(info.name);
  }
  throw_unknown("unknown unit", name, known);
}

Parameters resolve(const UnitInfo& info, const Parameters& given) {
  Parameters complete;
  std::vector<std::string> known;
  for (const ParameterSpec& spec : info.parameters) {
    complete[spec.name] = spec.default_value;
    known.push_back(spec.name);
  }
  for (const auto& [name, value] : given) {
    const auto spec = std::ranges::find(info.parameters, name, &ParameterSpec::name);
    if (spec == info.parameters.end()) throw_unknown("unit " + info.name + " has no parameter", name, known);
    if (value < spec->min || value > spec->max) {
      throw std::invalid_argument("parameter '" + name + "' of unit " + info.name + " is " + std::to_string(value) +
                                  ", expected " + std::to_string(spec->min) + ".." + std::to_string(spec->max));
    }
    complete[name] = value;
  }
  return complete;
}

Parameters element_point(const UnitInfo& info) {
  const ParameterSpec& count = info.parameters.at(0);
  return resolve(info, {{count.name, count.min}});
}

}  // namespace subbyte::kernels
