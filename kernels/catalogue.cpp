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

const UnitInfo& unit(std::string_view name) {
  if (const UnitInfo* found = find_unit(name)) return *found;
  std::vector<std::string> known;
  for (const UnitInfo& info : units()) known.push_back(info.name);
  for (const UnitInfo& info : machines()) known.push_back(info.name);
  throw std::invalid_argument("unknown unit '" + std::string(name) + "', " + quant::expectation(name, known));
}

}  // namespace subbyte::kernels
