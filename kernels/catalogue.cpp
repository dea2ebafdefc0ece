#include "kernels/catalogue.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "quant/base/suggestion.hpp"

namespace subbyte::kernels {

#define SUBBYTE_UNIT(name) UnitInfo name##_info();
#include "kernels/units.def"
#undef SUBBYTE_UNIT

const std::vector<UnitInfo>& units() {
#define SUBBYTE_UNIT(name) name##_info(),
  static const std::vector<UnitInfo> catalogue = {
#include "kernels/units.def"
  };
#undef SUBBYTE_UNIT
  return catalogue;
}

const UnitInfo* find_unit(std::string_view name) {
  const auto found = std::ranges::find(units(), name, &UnitInfo::name);
  return found == units().end() ? nullptr : &*found;
}

const UnitInfo& unit(std::string_view name) {
  if (const UnitInfo* found = find_unit(name)) return *found;
  std::vector<std::string> known;
  for (const UnitInfo& info : units()) known.push_back(info.name);
  throw std::invalid_argument("unknown unit '" + std::string(name) + "', " + quant::expectation(name, known));
}

}  // namespace subbyte::kernels
