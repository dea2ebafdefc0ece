// The table of formats. Adding a format is adding a row.
#include "quant/format.hpp"

namespace subbyte::quant {
namespace {

FormatRow row(std::string summary, std::string source, Alphabet alphabet, std::string name, bool zero_point,
              TieRule ties) {
  Format format{name, source, std::move(alphabet), {}, ties, Arithmetic::kExact};
  format.scaling.zero_point = zero_point;
  return {std::move(name), std::move(summary), std::move(source), std::move(format)};
}

FormatRow symmetric(unsigned bits) {
  return row("symmetric integer, " + std::to_string(bits) + " bits", "BitMoD, HPCA'25, Eq. 1 and Section IV",
             symmetric_integer(bits), "int" + std::to_string(bits), false, TieRule::kToEven);
}

FormatRow asymmetric(unsigned bits) {
  return row("asymmetric integer with zero point, " + std::to_string(bits) + " bits",
             "BitMoD, HPCA'25, Eq. 2", asymmetric_integer(bits), "int" + std::to_string(bits) + "-asym", true,
             TieRule::kToEven);
}

FormatRow bitmod(Alphabet alphabet, std::string summary) {
  auto name = alphabet.name;
  return row(std::move(summary), "BitMoD, HPCA'25, Table IV and Algorithm 1", std::move(alphabet),
             std::move(name), false, TieRule::kToLower);
}

std::vector<FormatRow> make_table() {
  return {
      symmetric(8),
      symmetric(6),
      symmetric(5),
      symmetric(4),
      symmetric(3),
      asymmetric(4),
      asymmetric(3),
      bitmod(bitmod_fp4(), "E2M1, the code of -0 is one of ±5 ±8 (E2M1 units) chosen per group"),
      bitmod(bitmod_fp3(), "0 ±1 ±2 ±4, the code of -0 is one of ±3 ±6 chosen per group"),
  };
}

}  // namespace

const std::vector<FormatRow>& format_table() {
  static const std::vector<FormatRow> table = make_table();
  return table;
}

}  // namespace subbyte::quant
