// The rows of integers.
#include <initializer_list>
#include <utility>

#include "quant/formats/formats.hpp"
#include "quant/formats/nested_codes.hpp"

namespace subbyte::quant {
namespace {

constexpr const char* kIntegers = "integers";

const std::vector<FormatOption> kReferenceOptions{{"arith", {"exact", "fp16"}}, {"scale", {"fp16", "u8"}}};

void apply_reference_options(Format& format, const OptionValues& option) {
  if (option("arith") == "fp16") {
    format.arithmetic = Arithmetic::kFp16;
    format.rule = ScaleRule::kReferenceFp16;
  }
  if (option("scale") == "u8") format.scaling.stored = ScaleFormat::kU8BelowChannel;
}

FormatRow symmetric(unsigned bits, FormatUses uses) {
  return make_row(
      "int" + std::to_string(bits), {"int{2..8}", kIntegers}, "symmetric integer, " + std::to_string(bits) + " bits",
      "BitMoD, HPCA'25, Eq. 1 and Section IV", kReferenceOptions,
      [bits](const OptionValues& option) {
        Format format;
        format.alphabet = symmetric_integer(bits);
        apply_reference_options(format, option);
        return format;
      },
      uses);
}

FormatRow asymmetric(unsigned bits, FormatUses uses) {
  return make_row(
      "int" + std::to_string(bits) + "-asym", {"int{2..8}-asym", kIntegers},
      "asymmetric integer with zero point, " + std::to_string(bits) + " bits", "BitMoD, HPCA'25, Eq. 2",
      kReferenceOptions,
      [bits](const OptionValues& option) {
        Format format;
        format.alphabet = asymmetric_integer(bits);
        format.scaling.zero_point = true;
        format.rule = ScaleRule::kMinMax;
        apply_reference_options(format, option);
        return format;
      },
      uses);
}

unsigned view_bits(const OptionValues& option) { return static_cast<unsigned>(std::stoi(option("view"))); }

FormatRow nested(std::string name, std::string summary, std::string source, ScaleRule rule) {
  return make_row(std::move(name), {"nested", "nested"}, std::move(summary), std::move(source),
                  {{"view", {"8", "7", "6", "5", "4", "3", "2"}, true}}, [rule](const OptionValues& option) {
                    Format format;
                    const bool bipolar = rule == ScaleRule::kNested;
                    format.alphabet = bipolar ? bipolar_integer(view_bits(option)) : rounded_slice(view_bits(option));
                    format.rule = rule;
                    format.divisor = 127.5;
                    format.parent_bits = kParentBits;
                    format.prefix_closed = bipolar;
                    return format;
                  });
}

/// Formats of ggml's blocks with its own operations; other programs read and write the same bits (ggml_blocks.hpp).
FormatRow ggml(std::string name, std::string summary, Alphabet alphabet, ScaleRule rule) {
  return make_row(std::move(name), {"ggml"}, std::move(summary), "ggml, ggml-quants.c", {},
                  [alphabet = std::move(alphabet), rule](const OptionValues&) {
                    Format format;
                    format.alphabet = alphabet;
                    format.scaling.group = 32;
                    format.scaling.signed_scale = rule == ScaleRule::kGgmlQ4;
                    format.rule = rule;
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> integer_formats() {
  std::vector<FormatRow> rows;
  // The proofs of term_encoder need tables of both its modes, but not one per row of a growing table.
  constexpr FormatUses kNone{}, kTerms{.term_table = true}, kBoth{.term_table = true, .published_pe = true};
  for (const auto& [bits, uses] : std::initializer_list<std::pair<unsigned, FormatUses>>{
           {8, kBoth}, {7, kNone}, {6, kBoth}, {5, kBoth}, {4, kTerms}, {3, kTerms}, {2, kNone}})
    rows.push_back(symmetric(bits, uses));
  for (const auto& [bits, uses] : std::initializer_list<std::pair<unsigned, FormatUses>>{
           {8, kNone}, {7, kNone}, {6, kNone}, {5, kNone}, {4, kTerms}, {3, kTerms}, {2, kNone}})
    rows.push_back(asymmetric(bits, uses));
  rows.push_back(nested("nested8", "bipolar integers: the top planes of a code are the code of the view",
                        "bit planes of odd integers (BCQ with power-of-two scales)", ScaleRule::kNested));
  rows.push_back(nested("matquant8", "integers whose 8-bit code is rounded to the view's bits",
                        "MatQuant, arXiv 2502.06786", ScaleRule::kRoundedSlice));
  rows.push_back(ggml("q4_0", "4-bit codes worth code - 8 under a signed scale",
                      table_alphabet("q4_0", 4, {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}),
                      ScaleRule::kGgmlQ4));
  rows.push_back(ggml("q8_0", "8-bit integers in blocks of 32", symmetric_integer(8), ScaleRule::kGgmlQ8));
  return rows;
}

}  // namespace subbyte::quant
