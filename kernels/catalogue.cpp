#include "kernels/catalogue.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "quant/base/suggestion.hpp"

namespace subbyte::kernels {

#define SUBBYTE_UNIT(name) UnitInfo name##_info();
#include "kernels/machines.def"
#include "kernels/units.def"
#include "kernels/without_rtl.def"
#undef SUBBYTE_UNIT

const std::vector<UnitInfo>& units() {
#define SUBBYTE_UNIT(name) name##_info(),
  static const std::vector<UnitInfo> catalogue = {
#include "kernels/units.def"
  };
#undef SUBBYTE_UNIT
  return catalogue;
}

const std::vector<UnitInfo>& machines() {
#define SUBBYTE_UNIT(name) name##_info(),
  static const std::vector<UnitInfo> catalogue = {
#include "kernels/machines.def"
#include "kernels/without_rtl.def"
  };
#undef SUBBYTE_UNIT
  return catalogue;
}

const UnitInfo* find_unit(std::string_view name) {
  for (const std::vector<UnitInfo>* list : {&units(), &machines()}) {
    const auto found = std::ranges::find(*list, name, &UnitInfo::name);
    if (found != list->end()) return &*found;
  }
  return nullptr;
}

namespace {

[[noreturn]] void refuse_unit(std::string_view name, std::span<const std::string> others, bool with_machines) {
  std::vector<std::string> known;
  for (const UnitInfo& info : units()) known.push_back(info.name);
  for (const UnitInfo& info : machines())
    if (with_machines) known.push_back(info.name);
  known.insert(known.end(), others.begin(), others.end());
  throw std::invalid_argument("unknown unit '" + std::string(name) + "', " + quant::expectation(name, known));
}

}  // namespace

const UnitInfo& unit(std::string_view name, std::span<const std::string> others) {
  if (const UnitInfo* found = find_unit(name)) return *found;
  refuse_unit(name, others, true);
}

const UnitInfo& unit_without_memories(std::string_view name, std::span<const std::string> others) {
  const UnitInfo* found = find_unit(name);
  if (found == nullptr) refuse_unit(name, others, false);
  if (!found->rtl)
    throw std::invalid_argument("'" + found->name +
                                "' has no RTL yet, of which a netlist is made; expected a unit "
                                "that has, for example bitserial_tile");
  if (found->memories)
    throw std::invalid_argument("'" + found->name +
                                "' holds SRAMs, of which no netlist is made; expected a unit without memories, for "
                                "example its tile (bitserial_tile)");
  return *found;
}

}  // namespace subbyte::kernels
