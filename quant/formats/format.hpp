// Format = Alphabet x Scaling x Constraint x Layout, as data. Adding a format is adding a row to a table
// (formats_*.cpp).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quant/formats/alphabet.hpp"
#include "quant/formats/layout.hpp"
#include "quant/formats/scale_format.hpp"

namespace subbyte::quant {

/// Thrown for a format name that cannot be read; the text names what was expected and the nearest name.
struct FormatError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// The arithmetic of the quantizer.
enum class Arithmetic : std::uint8_t {
  kExact,  ///< FP32 weights, exact comparisons, exact squared errors (default)
  /// The reference's FP16 operations one by one (HPCA'25 artifact); weights are rounded to FP16 first.
  kFp16,
};

enum class TieRule : std::uint8_t { kToLower, kToEven };

/// A second level: one FP32 number per tensor.
enum class TensorScale : std::uint8_t {
  kNone,
  kDecode,  ///< the group scale is multiplied by it (TensorRT Model-Optimizer `weight_scale_2`)
  /// The group scale is divided by it, rounded to FP32 (vLLM, compressed-tensors `*_global_scale`).
  kEncode,
};

/// What every block of weights must satisfy to be representable.
enum class Constraint : std::uint8_t { kNone, kOneZeroInFour };

/// Says how a group's scale, selector and codes are chosen, with one row each in group_rules.cpp.
enum class ScaleRule : std::uint8_t {
  kAbsMax,                 ///< stored(max|w| / divisor), the selector with the least squared error
  kMinMax,                 ///< stored((max - min) / (2^b - 1)) and a zero point
  kReferenceFp16,          ///< arith=fp16: the BitMoD artifact's operations
  kPowerFloor,             ///< OCP MX v1.0, section 6.3
  kPowerCeil,              ///< the least power of two that does not clip
  kPowerEven,              ///< amax rounded to the element's significand first (AMD Quark even_round)
  kTensorBlock,            ///< NVFP4 and kin: block scale below a tensor scale, FP32 operations of the recipe
  kTensorBlockClamped,     ///< the same, no block scale below 2^-9
  kTensorBlockReciprocal,  ///< the same by reciprocals
  kFourOverSix,            ///< arXiv 2512.02010
  kRazer,                  ///< arXiv 2501.04052
  kAbsMean,                ///< ternary: threshold mean/2, scale mean (BitNet b1.58)
  kTernaryBest,            ///< ternary: threshold and scale of least squared error
  kSparseAbsMean,          ///< the mean of the kept magnitudes is the scale, and one in four is zero (Sherry)
  kSparseWeighted,         ///< Sherry with importance
  kBitmodMx,               ///< BitMoD's own MX rule (HPCA'25 artifact)
  kBinaryCoding,           ///< one power of two per plane, alternating refinement (ShiftAddLLM)
  kNested,                 ///< bipolar codes of the 8-bit parent, of which all but the top planes are dropped
  kRoundedSlice,           ///< MatQuant: the 8-bit parent's code, rounded half up and saturated to fewer bits
  kGgmlQ4,                 ///< ggml's own FP32 operations for Q4_0
  kGgmlQ8,                 ///< ggml's own FP32 operations for Q8_0
};

struct Scaling {
  std::size_t group = 128;  ///< elements per group along the input dimension; the last group of a row may be shorter
  ScaleFormat stored = ScaleFormat::kFp16;
  bool zero_point = false;
  TensorScale tensor_scale = TensorScale::kNone;
  unsigned planes = 1;             ///< scales per group; with more than one, bit i of a code adds or subtracts scale i
  bool selector_in_scale = false;  ///< the selector lies above the scale's bits in the scale's byte (RaZeR)
  bool signed_scale = false;       ///< negative FP16 scales are legal (imports only)
};

/// The group of formats with one scale per row (`:gchannel`).
inline constexpr std::size_t kWholeRow = 0x7FFFFFFF;

/// A canonical format. It is a value type with everything that a quantizer, a packer, a decoder or a term encoder needs
/// to know.
struct Format {
  std::string name;  ///< row name, for example "bitmod-fp4"
  std::string source;
  Alphabet alphabet;
  Scaling scaling;
  Constraint constraint = Constraint::kNone;
  CodeLayout layout = CodeLayout::kDense;
  TieRule ties = TieRule::kToEven;
  Arithmetic arithmetic = Arithmetic::kExact;
  ScaleRule rule = ScaleRule::kAbsMax;
  double divisor = 0;  ///< of kAbsMax: max|w| is worth so many units of the alphabet; 0 stands for its largest level
  /// The bits kept of a parent code (0 for formats that are not nested): `parent_bits` at quantization,
  /// alphabet.code_bits as stored.
  unsigned parent_bits = 0;
  bool prefix_closed = false;  ///< a slice of a slice is the slice (kernels/linear/plane_linear, tests)
  /// The options that are not at their default, in the row's order; they are part of the id.
  std::vector<std::pair<std::string, std::string>> options;
  /// For a user's format, everything of it in one line of JSON, which sim/config/format_file.hpp reads; empty for a row
  /// of the table.
  std::string definition;

  /// Returns the canonical id, for example "bitmod-fp4:g128:scale=u8"; parse_format(id()) gives an equal format.
  std::string id() const;
  /// Returns the bits per weight that the papers quote: codes, scale and selector or zero point (8 bits in HPCA'25,
  /// though its values need only the bits of a code) per full group. There is no padding, no channel or tensor scale,
  /// and nothing for a whole row's group.
  double nominal_bits_per_weight() const;
  /// Returns the exact figure: packed bits of `rows` x `cols` weights over their number, every scale and padding
  /// included.
  double bits_per_weight(std::size_t rows, std::size_t cols) const;
  unsigned selector_bits() const;
  std::size_t groups(std::size_t cols) const { return (cols + scaling.group - 1) / scaling.group; }
};

/// The chosen values by option name; every option of the row is present.
using OptionValues = std::function<std::string(std::string_view option)>;

/// A key of a format name.
struct FormatOption {
  std::string name;
  std::vector<std::string> values;  ///< the first is the default
  bool surveyed = false;            ///< a survey of formats takes every value, not the default alone
};

/// The chart group of formats that have none of their own.
inline constexpr const char* kOtherTables = "other tables";

/// Says what listings and charts do with a row.
struct FormatFamily {
  /// What listings call it, for example "e{X}m{Y}". Its rows stand together.
  std::string name;
  std::string chart_group = kOtherTables;  ///< formats of one group have one colour in charts
};

/// Says what is made for a row beside the format itself.
struct FormatUses {
  bool term_table = false;    ///< whether rtl/generated has its terms, against which term_encoder is proven
  bool published_pe = false;  ///< whether the PE of BitMoD (HPCA'25, Section IV) runs it in as many terms as ours
};

/// One row of the table. Whoever makes something of a row (a listing, a chart, a proof, a comparison) finds all of it
/// here and knows no format by name.
struct FormatRow {
  std::string name;
  std::string family;       ///< FormatFamily::name
  std::string chart_group;  ///< FormatFamily::chart_group
  std::string summary;
  std::string source;
  std::vector<FormatOption> options;
  std::function<Format(const OptionValues&)> build;
  Format format;  ///< at its default group and options
  FormatUses uses = {};
};
const std::vector<FormatRow>& format_table();

/// Reads "64" or "channel", the group in ":g64" of the format `id`. Throws FormatError.
std::size_t parse_group(std::string_view id, std::string_view text);

/// Reads NAME[:gN|:gchannel][:key=value...]; the row says which keys it has. Throws FormatError.
Format parse_format(std::string_view id);

}  // namespace subbyte::quant
