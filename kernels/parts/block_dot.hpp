// What mx_dot and nvfp4_dot share: beats of two blocks with their scales, the sum of a block's products, and the FP32
// accumulator. The numbers are in kernels/ARITHMETIC.md, section 10; interface and cycles are in kernels/TIMING.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/arithmetic/fp32.hpp"
#include "kernels/contract/unit.hpp"
#include "quant/base/minifloat.hpp"

namespace subbyte::kernels {

/// Element types, of which the first six are in the order of mx_dot's parameter `element`.
enum class BlockElement : std::uint8_t { kE2m1, kE2m3, kE3m2, kE4m3, kE5m2, kInt8, kInt4 };

struct BlockElementInfo {
  const char* name;
  unsigned bits;
  quant::Minifloat minifloat;  ///< without exponent bits for the integers
  int product_unit;            ///< a product is an integer times 2^product_unit
  bool integer() const { return minifloat.exponent_bits == 0; }
};
const BlockElementInfo& element_info(BlockElement element);

inline constexpr unsigned kMaxBlock = 32;

/// One input beat of either unit.
struct BlockBeat {
  std::array<std::uint8_t, kMaxBlock> a{};
  std::array<std::uint8_t, kMaxBlock> b{};
  std::uint8_t scale_a = 0;
  std::uint8_t scale_b = 0;
  bool last = false;
};

struct BlockLayout {
  BlockElement element = BlockElement::kE2m1;
  unsigned block = 0;

  BeatShape shape() const;
  BlockBeat read(std::span<const std::uint64_t> beat) const;
  void write(std::span<std::uint64_t> beat, const BlockBeat& block_beat) const;
};

/// The sum of a block's products without their scales. It is `sum` * 2^`exponent`, unless one of the flags says what it
/// is. Both infinities together are NaN as well.
struct BlockSum {
  Int128 sum = 0;
  int exponent = 0;
  bool nan = false;
  bool positive_infinity = false;
  bool negative_infinity = false;
};
/// Sums the first `layout.block` elements of the beat. A `window` of 0 (mx_dot's parameter) is exact.
BlockSum sum_block(const BlockLayout& layout, unsigned window, const BlockBeat& beat);

BeatShape block_result_shape();

/// The golden function of a unit `Dot` with `layout()`, `Block load(const BlockBeat&)` (stage 0) and
/// `std::uint32_t value(const Block&)` (stage 1). Blocks are added in their order, with one result per `last`.
template <class Dot>
Trace block_dot_golden(const Dot& dot, const Stimulus& stimulus, TraceWindow window) {
  Trace trace(1, false, window);
  std::vector<std::uint64_t> words(stimulus.input.words);
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, words);
    const BlockBeat beat = dot.layout().read(words);
    total = fp32_add(total, dot.value(dot.load(beat)));
    if (!beat.last) continue;
    const std::uint64_t result = total;
    trace.append(std::span(&result, 1));
    total = 0;
  }
  return trace;
}

/// What the random stimuli of a unit are made of.
struct BlockDraw {
  BlockLayout layout;
  bool power_scales = true;  ///< E8M0 when true, UE4M3 when false
  unsigned window = 0;       ///< products around its lower end are drawn on purpose
};
inline constexpr unsigned kResultsPerCase = 8;
/// Draws runs of 1..40 blocks, each with a result; a case is eight of them. Nearly half of the blocks are Gaussian and
/// quantized by their format's rule. The others are extremes, any pattern, cancelling sums, or exponents far apart, and
/// scales near over- and underflow. `illegal` adds NaN and infinite elements, NaN scales, -128 and -8, and blocks
/// behind the last result.
Stimulus block_dot_random(const BlockDraw& draw, const RandomRequest& request);

/// Returns nothing when a format's codes and scales mean what those of the table's `row` do, in groups of whole blocks;
/// or else why they do not.
std::optional<Refusal> unlike_block_format(const std::string& row, unsigned block, const quant::Format& format);

}  // namespace subbyte::kernels
