// Minifloats of three to eight bits under FP16 scales.
#include "quant/formats.hpp"

namespace subbyte::quant {
namespace {

/// Every layout has a bias of its own as IEEE 754 would choose it; any other multiplies all levels by a power of two.
std::vector<std::string> biases(int first) {
  std::vector<std::string> values{std::to_string(first)};
  for (int bias = -32; bias <= 64; ++bias) {
    if (bias != first) values.push_back(std::to_string(bias));
  }
  return values;
}

MinifloatFlavour flavour(const std::string& name, unsigned bits) {
  if (name == "fp") return MinifloatFlavour::kIeee;
  return bits == 8 ? MinifloatFlavour::kNanOnly : MinifloatFlavour::kFinite;
}

FormatRow minifloat(unsigned exponent_bits, unsigned mantissa_bits) {
  const std::string name = "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits);
  const unsigned bits = 1 + exponent_bits + mantissa_bits;
  std::vector<FormatOption> options{{"bias", biases((1 << (exponent_bits - 1)) - 1)}};
  // With one exponent bit, a reserved exponent would leave the subnormals alone.
  if (exponent_bits > 1) options.push_back({"flavour", {"fn", "fp"}});
  return make_row(name, "e{X}m{Y}",
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
      rows.push_back(minifloat(exponent_bits, bits - 1 - exponent_bits));
    }
  }
  return rows;
}

}  // namespace subbyte::quant
