// The rows of ternary formats, whose codes 0 1 2 are -1 0 +1.
#include "quant/formats/formats.hpp"

namespace subbyte::quant {
namespace {

Format ternary_format() {
  Format format;
  format.alphabet = table_alphabet("ternary", 2, {-1, 0, 1});
  return format;
}

FormatRow ternary(std::string name, std::string summary, CodeLayout layout) {
  return make_row(std::move(name), {"ternary", "ternary"}, std::move(summary), "BitNet b1.58, arXiv 2402.17764",
                  {{"rule", {"absmean", "mse"}, true}}, [layout](const OptionValues& option) {
                    Format format = ternary_format();
                    format.layout = layout;
                    format.rule = option("rule") == "mse" ? ScaleRule::kTernaryBest : ScaleRule::kAbsMean;
                    return format;
                  });
}

FormatRow sherry() {
  return make_row("sherry", {"ternary", "ternary"}, "ternary, exactly one zero in four neighbours, 5 bits per four",
                  "Sherry, arXiv 2601.07892", {{"rule", {"sparse", "weighted"}, true}}, [](const OptionValues& option) {
                    Format format = ternary_format();
                    format.layout = CodeLayout::kOneZeroInFour;
                    format.constraint = Constraint::kOneZeroInFour;
                    format.rule = option("rule") == "weighted" ? ScaleRule::kSparseWeighted : ScaleRule::kSparseAbsMean;
                    return format;
                  });
}

}  // namespace

std::vector<FormatRow> ternary_formats() {
  return {
      ternary("ternary", "-1 0 +1, two bits per weight", CodeLayout::kDense),
      ternary("ternary-5in8", "-1 0 +1, five weights in eight bits", CodeLayout::kFiveInByte),
      sherry(),
  };
}

}  // namespace subbyte::quant
