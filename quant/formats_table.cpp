// Formats whose levels are a table: BitMoD, ANT, powers of two, binary coding, NF4.
#include "quant/formats.hpp"

namespace subbyte::quant {
namespace {

FormatRow bitmod(Alphabet (*alphabet)(), std::string name, std::string summary) {
  return make_row(std::move(name), "bitmod-fp{3,4}", std::move(summary), "BitMoD, HPCA'25, Table IV and Algorithm 1",
                  {{"arith", {"exact", "fp16"}}, {"scale", {"fp16", "u8"}}}, [alphabet](const OptionValues& option) {
                    Format format;
                    format.alphabet = alphabet();
                    format.ties = TieRule::kToLower;
                    if (option("arith") == "fp16") {
                      format.arithmetic = Arithmetic::kFp16;
                      format.rule = ScaleRule::kReferenceFp16;
                    }
                    if (option("scale") == "u8") format.scaling.stored = ScaleFormat::kU8BelowChannel;
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> table_formats() {
  return {
      bitmod(bitmod_fp4, "bitmod-fp4", "E2M1, the code of -0 is one of ±5 ±8 (E2M1 units) chosen per group"),
      bitmod(bitmod_fp3, "bitmod-fp3", "0 ±1 ±2 ±4, the code of -0 is one of ±3 ±6 chosen per group"),
  };
}

}  // namespace subbyte::quant
