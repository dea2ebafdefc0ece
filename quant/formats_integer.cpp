// Integers.
#include "quant/formats.hpp"

namespace subbyte::quant {
namespace {

const std::vector<FormatOption> kReferenceOptions{{"arith", {"exact", "fp16"}}, {"scale", {"fp16", "u8"}}};

void apply_reference_options(Format& format, const OptionValues& option) {
  if (option("arith") == "fp16") {
    format.arithmetic = Arithmetic::kFp16;
    format.rule = ScaleRule::kReferenceFp16;
  }
  if (option("scale") == "u8") format.scaling.stored = ScaleFormat::kU8BelowChannel;
}

FormatRow symmetric(unsigned bits) {
  return make_row("int" + std::to_string(bits), "int{2..8}", "symmetric integer, " + std::to_string(bits) + " bits",
                  "BitMoD, HPCA'25, Eq. 1 and Section IV", kReferenceOptions, [bits](const OptionValues& option) {
                    Format format;
                    format.alphabet = symmetric_integer(bits);
                    apply_reference_options(format, option);
                    return format;
                  });
}

FormatRow asymmetric(unsigned bits) {
  return make_row("int" + std::to_string(bits) + "-asym", "int{2..8}-asym",
                  "asymmetric integer with zero point, " + std::to_string(bits) + " bits", "BitMoD, HPCA'25, Eq. 2",
                  kReferenceOptions, [bits](const OptionValues& option) {
                    Format format;
                    format.alphabet = asymmetric_integer(bits);
                    format.scaling.zero_point = true;
                    format.rule = ScaleRule::kMinMax;
                    apply_reference_options(format, option);
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> integer_formats() {
  std::vector<FormatRow> rows;
  for (const unsigned bits : {8, 7, 6, 5, 4, 3, 2}) rows.push_back(symmetric(bits));
  for (const unsigned bits : {8, 7, 6, 5, 4, 3, 2}) rows.push_back(asymmetric(bits));
  return rows;
}

}  // namespace subbyte::quant
