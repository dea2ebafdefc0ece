// The vector unit does what stands between the linear layers of a model: softmax, norms, RoPE, SwiGLU and the
// quantization of activations and of rows of K and V. Its operations, numbers, interface and cycles are in
// kernels/VECTOR.md. It has no RTL yet.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::kernels {

inline constexpr unsigned kMostVectorLanes = 64;

struct VectorParams {
  unsigned lanes = 8;       ///< elements side by side
  unsigned latency = 8;     ///< registers of a lane's pipeline, the output register included
  unsigned row_words = 64;  ///< words of `lanes` elements that the row buffer holds

  /// Reads parameters that resolve() completed and ignores names that it does not know.
  static VectorParams of(const Parameters& parameters);
  /// Returns the cycles in which the lanes' partial results become one: ceil(log2 lanes).
  unsigned tree_levels() const;
};

/// These are the values of the field `operation`; larger ones are kCopy.
enum class VectorOperation : std::uint8_t {
  kCopy,           ///< scale * x
  kAdd,            ///< x + scale * y
  kActivate,       ///< f(x)
  kGate,           ///< f(x) * y
  kRotate,         ///< the pairs (x, y) by the angles of which cosine and sine are given
  kSoftmax,        ///< of scale * x over a row
  kRmsNorm,        ///< x / sqrt(mean of squares + eps) * weight
  kLayerNorm,      ///< (x - mean) / sqrt(variance + eps) * weight + bias
  kQuantizeToken,  ///< a row to INT8 under an FP32 scale
  kQuantizeGroup,  ///< a row to symmetric integers of `bits` bits under an FP16 scale
  kQuantizeRange,  ///< a row to unsigned integers of `bits` bits with a zero point, under an FP16 scale
};
inline constexpr unsigned kVectorOperations = 11;

/// The function f of kActivate and kGate.
enum class VectorActivation : std::uint8_t { kSilu, kGelu, kRelu, kSquaredRelu };

/// What a row asks for. It comes beside the first word of the row.
struct VectorCommand {
  VectorOperation operation = VectorOperation::kCopy;
  VectorActivation activation = VectorActivation::kSilu;
  bool half_in = false;              ///< words that come hold FP16
  bool half_out = false;             ///< results leave as FP16, where they are no codes
  unsigned bits = 8;                 ///< of a code: 2..8
  std::uint32_t scale = 0x3F800000;  ///< FP32: factor of y in kAdd, and of x in kCopy and kSoftmax; 1 / length in norms
  std::uint32_t eps = 0;             ///< FP32, of norms
};

/// The rows of an operation: row i, from 0 on, has `length + i * growth` elements, and all of them come `times` times.
struct VectorRows {
  std::uint64_t rows = 1;
  std::uint64_t length = 1;
  unsigned growth = 0;      ///< 1 for the softmax of tokens that see each other causally, else 0
  std::uint64_t times = 1;  ///< heads and sequences whose rows are alike
  std::uint64_t longest() const { return length + (rows - 1) * growth; }
  /// Return what all rows are together; a word is `lanes` elements.
  std::uint64_t all() const { return rows * times; }
  std::uint64_t elements() const;
  std::uint64_t words(std::uint64_t lanes) const;
};

/// How the elements of a pass become one number.
enum class VectorReduction : std::uint8_t { kNone, kMax, kSum, kSumOfSquares, kMagnitude, kRange };

/// One pass over a row. The first one reads the stream, and each later one the row buffer and `words - 1` words of the
/// stream per word of the row. A pass that has one behind it stores what it makes in the row buffer.
struct VectorPass {
  unsigned words = 1;  ///< words of operands per word of the row, in the first pass all from the stream
  VectorReduction reduction = VectorReduction::kNone;
  bool function = false;  ///< the reduced number goes through the pipeline of a lane before the next pass
  unsigned results = 0;   ///< words that leave per word of the row
};
std::span<const VectorPass> vector_passes(VectorOperation operation);

/// One step of the unit: a word is taken from the stream, or, in a pass that needs none, a word of the row buffer.
struct VectorStep {
  VectorCommand command;
  unsigned pass = 0;
  std::uint64_t word = 0;  ///< of the row
  unsigned operand = 0;    ///< which operand of the set the word is
  bool issues = false;     ///< the set is complete and enters the lanes
  unsigned valid = 0;      ///< elements of the word that belong to the row; where it issues
  bool ends_pass = false;  ///< it issues the last word of the pass
  const VectorPass& what() const { return vector_passes(command.operation)[pass]; }
  bool reduces() const { return what().reduction != VectorReduction::kNone; }
};

/// The order of the steps, which all engines follow.
class VectorWalk {
 public:
  explicit VectorWalk(const VectorParams& params) : params_(params) {}

  /// Whether the next step takes a word from the stream.
  bool takes_word() const { return pass_ == 0 || operand_ < vector_passes(command_.operation)[pass_].words; }
  /// Whether that word is the first one of a row, whose command counts.
  bool begins_row() const { return pass_ == 0 && word_ == 0 && operand_ == 0; }
  /// Makes the next step. `command` counts at the beginning of a row; `count` and `last` count in the word that
  /// completes a set of the first pass. Throws std::invalid_argument for a row that the buffer does not hold.
  VectorStep next(const VectorCommand& command, unsigned count, bool last);

 private:
  void advance(bool ends_pass);

  VectorParams params_;
  VectorCommand command_;
  unsigned pass_ = 0;
  unsigned operand_ = 0;  ///< words of the set that are there; the row buffer's is the first one of a later pass
  std::uint64_t word_ = 0;
  std::uint64_t words_ = 0;  ///< of the row, after its first pass
  unsigned last_valid_ = 0;
};

/// A word of the unit; elements from `lanes` on mean nothing.
using VectorWord = std::array<std::uint32_t, kMostVectorLanes>;

/// What enters the lanes in one step, and what they make of it.
struct VectorIssue {
  VectorStep step;
  std::array<VectorWord, 2> results{};  ///< the second one where the pass has two
  std::uint32_t scale = 0;              ///< beside codes: FP32, or an FP16 pattern
  std::uint8_t zero = 0;                ///< beside codes: the zero point
};

/// The numbers that a reduction leaves for the pass behind it.
struct VectorScalars {
  std::uint32_t value = 0;  ///< maximum, mean, reciprocal or scale
  std::uint8_t zero = 0;    ///< the zero point of kQuantizeRange
};

/// Operand registers, row buffer, partial results and scalars: the state of the unit without its times.
class VectorLanes {
 public:
  explicit VectorLanes(const VectorParams& params);

  /// Keeps a word of the stream, which is converted from FP16 where the command says so.
  void take(const VectorStep& step, const VectorWord& word);
  /// Computes the results of a step that issues.
  VectorIssue issue(const VectorStep& step) const;
  /// Stores and reduces what leaves the lanes.
  void retire(const VectorIssue& issue);
  /// After the last one of a pass that reduces: makes one number of the lanes' partial results, in a tree.
  void finish(const VectorStep& step);

 private:
  VectorParams params_;
  std::array<VectorWord, 4> operands_{};
  std::vector<VectorWord> row_;
  std::array<VectorWord, 2> partials_{};  ///< the second one is that of kRange
  VectorScalars scalars_;
};

/// Where the fields of beats lie.
struct VectorLayout {
  explicit VectorLayout(unsigned lanes);
  BeatShape in, out;

  VectorCommand command(std::span<const std::uint64_t> beat) const;
  unsigned count(std::span<const std::uint64_t> beat) const;
  bool last(std::span<const std::uint64_t> beat) const;
  VectorWord word(std::span<const std::uint64_t> beat) const;
  /// Writes an input beat, whose words are zeros.
  void set(std::span<std::uint64_t> beat, const VectorCommand& command, std::span<const std::uint32_t> elements,
           unsigned count, bool last) const;
  /// Writes result `index` of a step, into words that are zeros.
  void set_result(std::span<std::uint64_t> beat, const VectorIssue& issue, unsigned index) const;

 private:
  unsigned lanes_;
};

/// Throws std::invalid_argument for a row that the buffer does not hold.
Trace vector_unit_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window);
Stimulus vector_unit_random(const Parameters& parameters, const RandomRequest& request);
UnitInfo vector_unit_info();
/// Returns how many output beats a stimulus gives (Stimulus::least_outputs: passes over the row buffer have no
/// handshakes).
std::size_t vector_unit_outputs(const VectorParams& params, const BeatSource& input);

}  // namespace subbyte::kernels
