// The rows of small elements in small groups under one-byte scales: OCP MX, block floating point, NVFP4 and its kin.
#include "quant/formats/formats.hpp"

namespace subbyte::quant {
namespace {

const FormatFamily kMx{"mx*", "MX, block FP"};
const FormatFamily kBlockFloat{"bfp{M}", "MX, block FP"};
const FormatFamily kNv{"nv*", "NVFP4 and kin"};

const std::vector<std::string> kModes{"floor", "ceil", "even"};
const std::string kOcp = "OCP MX v1.0, section 5; modes: section 6.3, arXiv 2510.25602, AMD Quark";

constexpr Minifloat kE2m1{2, 1, 1, MinifloatFlavour::kFinite};

ScaleRule power_rule(const std::string& mode) {
  if (mode == "ceil") return ScaleRule::kPowerCeil;
  return mode == "even" ? ScaleRule::kPowerEven : ScaleRule::kPowerFloor;
}

/// Makes formats of elements in groups of `group` under a power of two.
FormatRow power_block(const std::string& name, const FormatFamily& family, const std::string& summary,
                      const std::string& source, const Alphabet& alphabet, std::size_t group, bool surveyed) {
  return make_row(name, family, summary, source, {{"mode", kModes, surveyed}}, [=](const OptionValues& option) {
    Format format;
    format.alphabet = alphabet;
    format.scaling.group = group;
    format.scaling.stored = ScaleFormat::kE8m0;
    format.rule = power_rule(option("mode"));
    return format;
  });
}

FormatRow mx_minifloat(const std::string& name, const Minifloat& element) {
  const std::string layout = "E" + std::to_string(element.exponent_bits) + "M" + std::to_string(element.mantissa_bits);
  return power_block(name, kMx, layout + " under a power of two", kOcp, minifloat_alphabet(name, element), 32, true);
}

/// Returns b-bit integers in (-2, 2): one bit stands in front of the point, and the most negative code is unused.
Alphabet fixed_point(unsigned bits) {
  Alphabet alphabet = symmetric_integer(bits);
  alphabet.unit_exponent = 2 - static_cast<int>(bits);
  return alphabet;
}

FormatRow mx_integer(unsigned bits, const std::string& source) {
  const std::string b = std::to_string(bits);
  return power_block("mxint" + b, kMx, "symmetric " + b + "-bit fixed point under a power of two", source,
                     fixed_point(bits), 32, true);
}

FormatRow block_floating_point(unsigned bits) {
  const std::string b = std::to_string(bits);
  // They are not surveyed by mode, because the modes do to them what they do to the MX rows.
  return power_block("bfp" + b, kBlockFloat, "block floating point, " + b + "-bit two's complement mantissas",
                     "block floating point as MXINT8 (OCP MX v1.0), any mantissa and block", fixed_point(bits), 16,
                     false);
}

/// Makes formats with groups of 16 under a UE4M3 scale and an FP32 number per tensor.
Format tensor_block(const Alphabet& alphabet, ScaleRule rule) {
  Format format;
  format.alphabet = alphabet;
  format.scaling.group = 16;
  format.scaling.stored = ScaleFormat::kUe4m3;
  format.scaling.tensor_scale = TensorScale::kDecode;
  format.rule = rule;
  return format;
}

FormatRow nvfp4() {
  return make_row("nvfp4", kNv, "E2M1 under UE4M3 block scales and a tensor scale", "arXiv 2509.25149, appendix B",
                  {{"recipe", {"division", "reciprocal", "clamp"}}, {"global", {"decode", "encode"}}},
                  [](const OptionValues& option) {
                    const std::string recipe = option("recipe");
                    Format format = tensor_block(minifloat_alphabet("nvfp4", kE2m1), ScaleRule::kTensorBlock);
                    if (recipe == "reciprocal") format.rule = ScaleRule::kTensorBlockReciprocal;
                    if (recipe == "clamp") format.rule = ScaleRule::kTensorBlockClamped;
                    if (option("global") == "encode") format.scaling.tensor_scale = TensorScale::kEncode;
                    return format;
                  });
}

FormatRow nvint4() {
  return make_row(
      "nvint4", kNv, "int4 under UE4M3 block scales and a tensor scale", "arXiv 2510.25602", {},
      [](const OptionValues& /*option*/) { return tensor_block(symmetric_integer(4), ScaleRule::kTensorBlock); });
}

FormatRow wide_scale() {
  return make_row("fp4-ue5m3", kNv, "E2M1 under UE5M3 block scales, no tensor scale",
                  "arXiv 2509.17791; codebooks: PTX ue5m3, arXiv 2609.02846", {{"codebook", {"ptx", "ieee"}}},
                  [](const OptionValues& option) {
                    const bool ieee = option("codebook") == "ieee";
                    Format format = tensor_block(minifloat_alphabet("fp4-ue5m3", kE2m1), ScaleRule::kTensorBlock);
                    format.scaling.stored = ieee ? ScaleFormat::kUe5m3Ieee : ScaleFormat::kUe5m3;
                    format.scaling.tensor_scale = TensorScale::kNone;
                    return format;
                  });
}

FormatRow four_over_six() {
  return make_row("four-over-six", kNv,
                  "NVFP4 whose blocks take 6 or 4 for their largest weight, the better of the two", "arXiv 2512.02010",
                  {}, [](const OptionValues& /*option*/) {
                    return tensor_block(minifloat_alphabet("four-over-six", kE2m1), ScaleRule::kFourOverSix);
                  });
}

FormatRow razer() {
  return make_row("razer", kNv, "E2M1, the code of -0 is one of ±5 ±8 chosen in the spare bits of a UE3M3 scale",
                  "arXiv 2501.04052, weights", {}, [](const OptionValues& /*option*/) {
                    Alphabet alphabet = sign_magnitude("razer", {0, 1, 2, 3, 4, 6, 8, 12}, {10, -10, 16, -16});
                    alphabet.unit_exponent = -1;
                    Format format = tensor_block(alphabet, ScaleRule::kRazer);
                    format.scaling.stored = ScaleFormat::kUe3m3;
                    format.scaling.selector_in_scale = true;
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> microscaling_formats() {
  std::vector<FormatRow> rows{
      mx_minifloat("mxfp8-e4m3", {4, 3, 7, MinifloatFlavour::kNanOnly}),
      mx_minifloat("mxfp8-e5m2", {5, 2, 15, MinifloatFlavour::kIeee}),
      mx_integer(8, kOcp),
      mx_minifloat("mxfp6-e2m3", {2, 3, 1, MinifloatFlavour::kFinite}),
      mx_minifloat("mxfp6-e3m2", {3, 2, 3, MinifloatFlavour::kFinite}),
      mx_minifloat("mxfp4", kE2m1),
      mx_integer(4, "arXiv 2510.25602"),
      nvfp4(),
      nvint4(),
      wide_scale(),
      four_over_six(),
      razer(),
  };
  for (const unsigned bits : {8, 7, 6, 5, 4, 3, 2}) rows.push_back(block_floating_point(bits));
  return rows;
}

}  // namespace subbyte::quant
