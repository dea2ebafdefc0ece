// The rows of minifloats of three to eight bits under FP16 scales.
#include "quant/formats/formats.hpp"

namespace subbyte::quant {
namespace {

MinifloatFlavour flavour(const std::string& name, unsigned bits) {
  if (name == "fp") return MinifloatFlavour::kIeee;
  return bits == 8 ? MinifloatFlavour::kNanOnly : MinifloatFlavour::kFinite;
}

/// Returns the bias of IEEE 754 and those within 8 of it whose levels reach 1/2. Each multiplies the levels by a power
/// of two, and under smaller levels FP16 scales overflow at weights that FP16 holds.
std::vector<std::string> biases(unsigned exponent_bits, unsigned mantissa_bits) {
  const int usual = (1 << (exponent_bits - 1)) - 1;
  std::vector<std::string> values{std::to_string(usual)};
  for (int bias = usual - 8; bias <= usual + 8; ++bias) {
    const auto smallest = exponent_bits > 1 ? MinifloatFlavour::kIeee : MinifloatFlavour::kFinite;
    const Minifloat layout{exponent_bits, mantissa_bits, bias, smallest};
    if (bias != usual && layout.largest() >= 0.5) values.push_back(std::to_string(bias));
  }
  return values;
}

FormatRow minifloat(unsigned exponent_bits, unsigned mantissa_bits) {
  const std::string name = "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits);
  const unsigned bits = 1 + exponent_bits + mantissa_bits;
  std::vector<FormatOption> options{{"bias", biases(exponent_bits, mantissa_bits)}};
  // With one exponent bit, a reserved exponent would leave the subnormals alone.
  if (exponent_bits > 1) options.push_back({"flavour", {"fn", "fp"}});
  return make_row(name, {"e{X}m{Y}", "ExMy"},
                  std::to_string(bits) + "-bit minifloat, " + std::to_string(exponent_bits) + " exponent and " +
                      std::to_string(mantissa_bits) + " mantissa bits",
                  "IEEE 754 encoding; fn as OCP FP8 E4M3, FP6 and FP4, fp with the highest exponent reserved", options,
                  [=](const OptionValues& option) {
                    const std::string chosen = exponent_bits > 1 ? option("flavour") : "fn";
                    Format format;
                    format.alphabet = minifloat_alphabet(
                        name, {exponent_bits, mantissa_bits, std::stoi(option("bias")), flavour(chosen, bits)});
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> minifloat_formats() {
  std::vector<FormatRow> rows;
  for (unsigned bits = 8; bits >= 3; --bits) {
    for (unsigned exponent_bits = 1; exponent_bits < bits; ++exponent_bits) {
      // e6m1 and e7m0 span more binades than a level's 64-bit numerator has bits.
      if (bits == 8 && exponent_bits > 5) continue;
      rows.push_back(minifloat(exponent_bits, bits - 1 - exponent_bits));
    }
  }
  return rows;
}

}  // namespace subbyte::quant
