#include "sim/config/format_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "quant/formats/term_program.hpp"

namespace subbyte::sim {
namespace {

using Json = nlohmann::ordered_json;
using quant::ScaleRule;

constexpr std::array kRules{
    std::pair{ScaleRule::kAbsMax, "max|w| over the largest level; the selector of least squared error"},
    std::pair{ScaleRule::kMinMax, "(max - min) over the steps, and a zero point"},
    std::pair{ScaleRule::kReferenceFp16, "the BitMoD artifact's FP16 operations one by one"},
    std::pair{ScaleRule::kPowerFloor,
              "floor(log2 max|w|) less the largest level's exponent (OCP MX): the largest may saturate"},
    std::pair{ScaleRule::kPowerCeil, "the least power of two under which nothing saturates"},
    std::pair{ScaleRule::kPowerEven, "max|w| rounded to the level's significand first, then as OCP MX"},
    std::pair{ScaleRule::kTensorBlock, "block scale below the tensor scale by division, in FP32"},
    std::pair{ScaleRule::kTensorBlockClamped,
              "block scale below the tensor scale by division, in FP32, never below 2^-9"},
    std::pair{ScaleRule::kTensorBlockReciprocal, "block scale below the tensor scale by reciprocals, in FP32"},
    std::pair{ScaleRule::kFourOverSix, "the largest weight of a block takes 6 or 4, the better of the two"},
    std::pair{ScaleRule::kRazer, "block scale below the tensor scale; the special value of least squared error"},
    std::pair{ScaleRule::kAbsMean, "ternary: threshold half the mean of |w|, scale the mean"},
    std::pair{ScaleRule::kTernaryBest, "ternary: threshold and scale of least squared error"},
    std::pair{ScaleRule::kSparseAbsMean, "one zero in four, the smallest; scale the mean of the kept magnitudes"},
    std::pair{ScaleRule::kSparseWeighted, "one zero in four, the least important; scale the weighted mean of the kept"},
    std::pair{ScaleRule::kBitmodMx, "2^floor(log2 max|w|), the largest level twice that"},
    std::pair{ScaleRule::kBinaryCoding,
              "a power of two per plane: greedy start, least squares and nearest codes in turn"},
    std::pair{ScaleRule::kNested, "max|w| over the largest level of the 8-bit parent, whose upper bits are kept"},
    std::pair{ScaleRule::kRoundedSlice,
              "max|w| over the largest level of the 8-bit parent, rounded half up to fewer bits"},
    std::pair{ScaleRule::kGgmlQ4, "ggml's FP32 operations for Q4_0"},
    std::pair{ScaleRule::kGgmlQ8, "ggml's FP32 operations for Q8_0"},
};

std::string rule_text(ScaleRule rule) {
  const auto found = std::ranges::find(kRules, rule, [](const auto& row) { return row.first; });
  return found == kRules.end() ? "" : found->second;
}

std::string kind_text(const quant::Format& format) {
  switch (format.alphabet.kind) {
    case quant::CodeKind::kTwosComplement:
      return "two's complement";
    case quant::CodeKind::kOffsetBinary:
      return "level = code - zero point";
    case quant::CodeKind::kSignMagnitude:
      return "sign bit above a magnitude";
    case quant::CodeKind::kTable:
      return format.scaling.planes > 1 ? "bit i of the code adds (1) or subtracts (0) scale i" : "index of a level";
  }
  return "";
}

/// Rules with an encoder of their own do not ask the format.
std::string ties_text(const quant::Format& format) {
  switch (format.rule) {
    case ScaleRule::kAbsMean:
    case ScaleRule::kTernaryBest:
      return "to 0";
    case ScaleRule::kSparseAbsMean:
    case ScaleRule::kSparseWeighted:
      return "none: every sign is kept, the smallest magnitude of four (the first of equals) is 0";
    default:
      break;
  }
  if (format.name == "q4_0" || format.name == "q8_0") return "as ggml rounds: away from zero";
  return format.ties == quant::TieRule::kToEven ? "to the even code" : "to the lower level";
}

/// Nothing, and why, where no term program describes the format.
std::pair<std::optional<quant::TermProgram>, std::string> program_of(const quant::Format& format) {
  try {
    return {quant::lower(format), ""};
  } catch (const std::invalid_argument& error) {
    return {std::nullopt, error.what()};
  }
}

std::string group_text(std::size_t group) {
  return group == quant::kWholeRow ? "a whole row" : fmt::format("{}", group);
}

std::string tensor_scale_text(quant::TensorScale scale) {
  switch (scale) {
    case quant::TensorScale::kNone:
      return "none";
    case quant::TensorScale::kDecode:
      return "FP32, multiplies the group scale";
    case quant::TensorScale::kEncode:
      return "FP32, divides the group scale";
  }
  return "";
}

nlohmann::json level_json(const quant::Alphabet& alphabet, unsigned code, unsigned selector) {
  switch (alphabet.level_class(code)) {
    case quant::LevelClass::kNan:
      return "NaN";
    case quant::LevelClass::kPositiveInfinity:
      return "inf";
    case quant::LevelClass::kNegativeInfinity:
      return "-inf";
    case quant::LevelClass::kNegativeZero:
      return "-0";
    case quant::LevelClass::kFinite:
      break;
  }
  const double level = alphabet.level(code, selector);
  if (alphabet.unit_divisor == 1) return level;
  return level == 0 ? nlohmann::json(0.0) : nlohmann::json(fmt::format("{}/{}", level, alphabet.unit_divisor));
}

std::string terms_text(const std::vector<quant::Term>& terms) {
  std::string text;
  for (const quant::Term& term : terms) {
    if (term.nonzero) text += fmt::format("{}{}2^{}", text.empty() ? "" : " ", term.negative ? "-" : "+", term.shift);
  }
  return text.empty() ? "0" : text;
}

bool scales_by_magnitude(ScaleRule rule) {
  return rule == ScaleRule::kAbsMax || rule == ScaleRule::kPowerFloor || rule == ScaleRule::kPowerCeil ||
         rule == ScaleRule::kPowerEven;
}

}  // namespace

std::string clipping_text(const quant::Format& format) {
  const auto& alphabet = format.alphabet;
  if (format.definition.empty() || alphabet.selectors() > 1 || !scales_by_magnitude(format.rule)) return "";
  double low = std::numeric_limits<double>::infinity(), high = -low;  // between them a weight is never beyond an end
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    if (!alphabet.emitted(code)) continue;
    low = std::min(low, alphabet.level(code, 0));
    high = std::max(high, alphabet.level(code, 0));
  }
  if (-low == high) return "";
  const bool below = -low < high;
  const std::string levels = fmt::format("levels from {} to {}: a weight {}", low, high, below ? "below" : "above");
  const double least = below ? low : high;
  const std::string end = fmt::format("is clipped to the {} level", below ? "lowest" : "highest");
  if (least == 0) return fmt::format("{} 0 {}", levels, end);
  if (format.rule != ScaleRule::kAbsMax)  // the scale is a power of two near that of absmax
    return fmt::format("{} {} times the group's scale {}", levels, least, end);
  return fmt::format("{} {:.3g} times its group's largest magnitude {}", levels, least / (below ? high : -low), end);
}

std::vector<std::string> clipping_texts(const LayerFormats& layers) {
  std::vector<std::string> texts;
  for (const auto& [layer, format] : layers) {
    const std::string text = format ? clipping_text(*format) : "";
    if (text.empty()) continue;
    const std::string whole = fmt::format("{} has {}", format->id(), text);
    if (std::ranges::find(texts, whole) == texts.end()) texts.push_back(whole);
  }
  return texts;
}

nlohmann::ordered_json cycles_of(const quant::Format& format) {
  const auto program = program_of(format).first;
  return program ? Json(program->terms) : Json(nullptr);
}

nlohmann::ordered_json document(const quant::Format& format) {
  const auto& alphabet = format.alphabet;
  const auto& scaling = format.scaling;
  Json unit = fmt::format("2^{}", alphabet.unit_exponent);
  if (alphabet.unit_divisor != 1) unit = fmt::format("2^{} / {}", alphabet.unit_exponent, alphabet.unit_divisor);
  Json document{{"id", format.id()}, {"source", format.source}};
  document["alphabet"] = {{"code_bits", alphabet.code_bits},
                          {"code", kind_text(format)},
                          {"unit", unit},
                          {"selectors", alphabet.selectors()}};
  if (alphabet.special_code) document["alphabet"]["special_code"] = *alphabet.special_code;
  document["scaling"] = {
      {"group", group_text(scaling.group)},     {"stored", quant::scale_info(scaling.stored).name},
      {"rule", rule_text(format.rule)},         {"tensor_scale", tensor_scale_text(scaling.tensor_scale)},
      {"zero_point", scaling.zero_point},       {"scales_per_group", scaling.planes},
      {"selector_bits", format.selector_bits()}};
  if (const std::string clips = clipping_text(format); !clips.empty()) document["scaling"]["clips"] = clips;
  document["layout"] = quant::layout_info(format.layout).name;
  document["ties"] = ties_text(format);
  document["arithmetic"] = format.arithmetic == quant::Arithmetic::kExact ? "exact" : "fp16";
  document["nominal_bits_per_weight"] = format.nominal_bits_per_weight();
  document["bits_per_weight_at_4096_columns"] = format.bits_per_weight(4096, 4096);
  const auto [program, why] = program_of(format);
  document["cycles_per_weight"] = program ? Json(program->terms) : Json(nullptr);
  if (!program) document["why_no_terms"] = why;
  return document;
}

reports::Table level_table(const quant::Format& format) {
  const auto& alphabet = format.alphabet;
  const auto program = program_of(format).first;
  reports::Table table;
  table.title = format.scaling.planes > 1 ? "Levels where every scale is 1" : "Levels, before the scale";
  table.columns.push_back({"code", "", "", 12});
  for (unsigned s = 0; s < alphabet.selectors(); ++s) {
    table.columns.push_back({alphabet.selectors() == 1 ? "level" : fmt::format("selector {}", s), "", "", 10});
  }
  table.columns.push_back({"terms in units of the alphabet", "", "", 12});
  for (unsigned code = 0; code < alphabet.numerators.size(); ++code) {
    std::vector<nlohmann::json> row{fmt::format("{:0{}b}", code, alphabet.code_bits)};
    for (unsigned s = 0; s < alphabet.selectors(); ++s) row.push_back(level_json(alphabet, code, s));
    std::string note;
    if (program) {
      for (unsigned s = 0; s < (alphabet.special_code == code ? alphabet.selectors() : 1); ++s) {
        note += (s == 0 ? "" : " | ") + terms_text(quant::terms_of(*program, code, s, 0));
      }
    }
    if (!alphabet.emitted(code)) note += note.empty() ? "never written" : " (never written)";
    row.push_back(note.empty() ? nlohmann::json() : nlohmann::json(note));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace subbyte::sim
