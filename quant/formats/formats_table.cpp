// The rows of formats whose levels are a table: BitMoD, ANT, powers of two, binary coding, NF4.
#include <bit>

#include "quant/formats/formats.hpp"

namespace subbyte::quant {
namespace {

constexpr const char* kBitmod = "BitMoD";

const FormatOption kArithmetic{"arith", {"exact", "fp16"}};
const FormatOption kHalfOrBytes{"scale", {"fp16", "u8"}};

/// Makes a grid of the BitMoD artifact, or one that is compared with its own: with an FP16 scale and ties to the lower
/// level.
FormatRow reference_grid(const std::string& name, FormatFamily family, std::string summary, std::string source,
                         std::function<Alphabet()> alphabet, FormatUses uses = {}) {
  return make_row(
      name, std::move(family), std::move(summary), std::move(source), {kArithmetic, kHalfOrBytes},
      [alphabet](const OptionValues& option) {
        Format format;
        format.alphabet = alphabet();
        format.ties = TieRule::kToLower;
        if (option("arith") == "fp16") {
          format.arithmetic = Arithmetic::kFp16;
          format.rule = ScaleRule::kReferenceFp16;
        }
        if (option("scale") == "u8") format.scaling.stored = ScaleFormat::kU8BelowChannel;
        return format;
      },
      uses);
}

FormatRow bitmod(Alphabet (*alphabet)(), const std::string& name, std::string summary) {
  return reference_grid(name, {"bitmod-fp{3,4}", kBitmod}, std::move(summary),
                        "BitMoD, HPCA'25, Table IV and Algorithm 1", alphabet,
                        {.term_table = true, .published_pe = true});
}

/// Puts both types in one table of codes: integers as two's complement, the floating type as sign and magnitude. The
/// code of the most negative integer and of -0 is the same, and neither uses it.
Alphabet ant(unsigned bits, const std::vector<std::int64_t>& magnitudes) {
  Alphabet alphabet = table_alphabet("ant" + std::to_string(bits), bits, symmetric_integer(bits).numerators);
  alphabet.alternatives = {sign_magnitude("", magnitudes).numerators};
  alphabet.unused = {static_cast<std::uint8_t>(magnitudes.size())};
  return alphabet;
}

std::vector<FormatRow> ant_formats() {
  const std::string source = "ANT, MICRO'22; groups and arith=fp16 as in the BitMoD artifact (mixed_ant)";
  return {
      reference_grid("flint4", {"flint4"}, "0 ±1 ±2 ±3 ±4 ±6 ±8 ±16", "ANT, MICRO'22, flint; BitMoD artifact, FLINT4",
                     [] {
                       return sign_magnitude("flint4", {0, 1, 2, 3, 4, 6, 8, 16});
                     }),
      reference_grid("ant4", {"ant{3,4}"}, "int4 or flint4, the better of the two per group", source,
                     [] {
                       return ant(4, {0, 1, 2, 3, 4, 6, 8, 16});
                     }),
      reference_grid("ant3", {"ant{3,4}"}, "int3 or 0 ±1 ±2 ±4, the better of the two per group", source,
                     [] {
                       return ant(3, {0, 1, 2, 4});
                     }),
  };
}

FormatRow powers_of_two() {
  return make_row("pot4", {"pot4"}, "0 ±2^0 .. ±2^6", "power-of-two weights: INQ, ICLR'17; DeepShift, arXiv 1905.13298",
                  {kHalfOrBytes}, [](const OptionValues& option) {
                    Format format;
                    format.alphabet = sign_magnitude("pot4", {0, 1, 2, 4, 8, 16, 32, 64});
                    if (option("scale") == "u8") format.scaling.stored = ScaleFormat::kU8BelowChannel;
                    return format;
                  });
}

FormatRow bitmod_mx(unsigned bits, const std::vector<std::int64_t>& magnitudes, std::int32_t divisor,
                    std::string summary) {
  const std::string name = "bitmod-mx" + std::to_string(bits);
  return make_row(name, {"bitmod-mx{3,4}", kBitmod}, std::move(summary), "BitMoD artifact, quant_mx (not the OCP rule)",
                  {kArithmetic}, [=](const OptionValues& option) {
                    Format format;
                    format.alphabet = sign_magnitude(name, magnitudes);
                    format.alphabet.unit_exponent = -1;
                    format.alphabet.unit_divisor = divisor;
                    format.ties = TieRule::kToLower;
                    format.scaling.group = 32;
                    format.scaling.stored = ScaleFormat::kE8m0;
                    format.rule = ScaleRule::kBitmodMx;
                    if (option("arith") == "fp16") format.arithmetic = Arithmetic::kFp16;
                    return format;
                  });
}

/// Returns the level of a code where all scales are 1. It is what the alphabet says; the planes' own scales come on
/// top.
Alphabet sign_planes(const std::string& name, unsigned planes) {
  std::vector<std::int64_t> numerators;
  for (unsigned code = 0; code < 1U << planes; ++code) {
    numerators.push_back(2 * std::popcount(code) - static_cast<int>(planes));
  }
  return table_alphabet(name, planes, std::move(numerators));
}

FormatRow binary_coding(unsigned planes) {
  const std::string name = "bcq" + std::to_string(planes);
  const std::string count = std::to_string(planes);
  return make_row(name, {"bcq{1..4}"}, "sum of " + count + " signed powers of two, each with its own scale per group",
                  "binary coding with power-of-two scales: ShiftAddLLM, arXiv 2406.05981", {},
                  [=](const OptionValues& /*option*/) {
                    Format format;
                    format.alphabet = sign_planes(name, planes);
                    format.ties = TieRule::kToLower;
                    format.scaling.stored = ScaleFormat::kE8m0;
                    format.scaling.planes = planes;
                    format.rule = ScaleRule::kBinaryCoding;
                    return format;
                  });
}

/// These are the sixteen FP32 constants of QLoRA's code, in units of 2^-27.
Alphabet normal_float() {
  constexpr double kLevels[] = {-1.0F,
                                -0.6961928009986877F,
                                -0.5250730514526367F,
                                -0.39491748809814453F,
                                -0.28444138169288635F,
                                -0.18477343022823334F,
                                -0.09105003625154495F,
                                0.0F,
                                0.07958029955625534F,
                                0.16093020141124725F,
                                0.24611230194568634F,
                                0.33791524171829224F,
                                0.44070982933044434F,
                                0.5626170039176941F,
                                0.7229568362236023F,
                                1.0F};
  std::vector<std::int64_t> numerators;
  for (const double level : kLevels) numerators.push_back(static_cast<std::int64_t>(level * 0x1p27));
  return table_alphabet("nf4", 4, std::move(numerators), -27);
}

FormatRow nf4() {
  return make_row("nf4", {"nf4"}, "quantiles of the normal distribution, scale max|w|",
                  "QLoRA, NeurIPS'23, Appendix E; levels and ties of bitsandbytes", {{"absmax", {"fp32", "fp16"}}},
                  [](const OptionValues& option) {
                    Format format;
                    format.alphabet = normal_float();
                    format.ties = TieRule::kToLower;
                    format.scaling.group = 64;
                    format.scaling.stored = option("absmax") == "fp16" ? ScaleFormat::kFp16 : ScaleFormat::kFp32;
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> table_formats() {
  std::vector<FormatRow> rows = {
      bitmod(bitmod_fp4, "bitmod-fp4", "E2M1, the code of -0 is one of ±5 ±8 (E2M1 units) chosen per group"),
      bitmod(bitmod_fp3, "bitmod-fp3", "0 ±1 ±2 ±4, the code of -0 is one of ±3 ±6 chosen per group"),
      bitmod_mx(4, {0, 1, 2, 3, 4, 6, 8, 12}, 3, "E2M1 stretched to 2 * 2^floor(log2 max|w|), in steps of 2^e / 6"),
      bitmod_mx(3, {0, 1, 2, 4}, 1, "0 ±1/2 ±1 ±2 times 2^floor(log2 max|w|)"),
      powers_of_two(),
      reference_grid("apot4", {"apot4"}, "sums of two powers of two: 0 ±1 ±2 ±3 ±4 ±6 ±8 ±10",
                     "additive powers of two: APoT, ICLR'20; the grid of BitMoD's comparison, APOT4",
                     [] {
                       return sign_magnitude("apot4", {0, 1, 2, 3, 4, 6, 8, 10});
                     }),
  };
  for (auto& row : ant_formats()) rows.push_back(std::move(row));
  for (const unsigned planes : {1, 2, 3, 4}) rows.push_back(binary_coding(planes));
  rows.push_back(nf4());
  return rows;
}

}  // namespace subbyte::quant
