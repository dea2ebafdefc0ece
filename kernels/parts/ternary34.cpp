#include "kernels/parts/ternary34.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/trits.hpp"

namespace subbyte::kernels {

unsigned ternary34_groups(const Parameters& parameters) { return value_or(parameters, "groups", 8); }

Field ternary34_code_field(const Parameters& parameters) {
  return {"code", kTernary34Bits, ternary34_groups(parameters), FieldKind::kCode};
}

Field ternary34_trit_field(const Parameters& parameters) { return trit_field(4 * ternary34_groups(parameters)); }

UnitInfo ternary34_info(const char* name, const char* summary) {
  UnitInfo info;
  info.name = name;
  info.summary = summary;
  info.case_is = "one input beat";
  info.parameters = {spec("groups", 8, 1, 64, "groups of four trits per beat; eight are five bytes")};
  info.points = {resolve(info, {}), resolve(info, {{"groups", 1}}), resolve(info, {{"groups", 13}})};
  info.small_point = {{"groups", 2}};
  info.work_per_cycle = [](const Parameters& p) { return Work{0, 4.0 * static_cast<double>(p.at("groups")), "trits"}; };
  info.combinational = true;
  info.unsupported = [](const Parameters&, const quant::Format& format) {
    return unlike_ternary_layout(quant::CodeLayout::kOneZeroInFour, format);
  };
  return info;
}

}  // namespace subbyte::kernels
