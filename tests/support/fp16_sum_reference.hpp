// Computes the group sum of tiles with FP16 activations and integers inside a second time, from kernels/ARITHMETIC.md 7
// and 2: every number is a whole multiple of 2^-kUnit in 128 bits, brought to an exponent by division and remainder.
#pragma once

#include <algorithm>
#include <bit>
#include <functional>
#include <vector>

#include "tests/support/row_tile_cases.hpp"

namespace subbyte {

class Fp16SumReference {
 public:
  /// Turns weight elements of a beat into one integer per lane; V of section 7.
  using Integers = std::function<std::vector<int>(const std::vector<unsigned>&)>;
  Fp16SumReference(const kernels::RowTileParams& params, int growth, Integers integers, bool jams = true)
      : align_(static_cast<int>(params.pe.align_bits)),
        width_(static_cast<int>(params.pe.acc_width)),
        guard_(static_cast<int>(params.pe.guard_bits)),
        sum_width_(11 + align_ + growth + static_cast<int>(std::bit_width(params.lanes - 1))),
        integers_(std::move(integers)),
        jams_(jams) {}

  GroupSum operator()(const GroupOperands& group) const {
    GroupSum sum;  // mantissa * 2^(exponent - 25) while it is added to
    for (std::size_t beat = 0; beat < group.weights.size(); ++beat) {
      sum.nonfinite |= std::ranges::any_of(group.activations[beat], [](unsigned a) { return (a >> 10 & 31) == 31; });
      add(sum, group.activations[beat], integers_(group.weights[beat]));
    }
    sum.exponent -= 25;
    return sum;
  }

 private:
  static constexpr int kUnit = 62;  ///< numbers are multiples of 2^-62 (in the spec's units of 2^-25)
  using Int128 = kernels::Int128;

  static Int128 absolute(Int128 x) { return x < 0 ? -x : x; }
  static Int128 power(int exponent) { return Int128{1} << (exponent + kUnit); }

  /// Returns |value| / 2^exponent toward zero, with the last bit set when something is left over.
  Int128 brought(Int128 value, int exponent, bool jams) const {
    const Int128 magnitude = absolute(value);
    const Int128 whole = magnitude / power(exponent);
    const Int128 odd = jams && magnitude % power(exponent) != 0 ? 1 : 0;
    return (value < 0 ? -1 : 1) * (whole % 2 == 0 ? whole + odd : whole);
  }

  void add(GroupSum& sum, const std::vector<std::uint16_t>& activations, const std::vector<int>& weights) const {
    const auto field = [](unsigned a) { return static_cast<int>(a >> 10 & 31); };
    const auto live = [&](unsigned a) { return field(a) != 31 && (a & 0x7FFF) != 0; };
    int largest = 0;
    for (const unsigned a : activations) largest = live(a) ? std::max({largest, field(a), 1}) : largest;
    Int128 dot = 0;
    for (std::size_t l = 0; l < activations.size(); ++l) {
      const unsigned a = activations[l];
      if (!live(a)) continue;
      const Int128 magnitude = (a & 0x3FF) + (field(a) != 0 ? 0x400 : 0);
      const Int128 value = magnitude * power(std::max(field(a), 1));
      dot += brought((a & 0x8000) != 0 ? -value : value, largest - align_, jams_) * weights[l];
    }
    accumulate(sum, dot, largest - align_);
  }

  void accumulate(GroupSum& sum, Int128 dot, int exponent) const {
    if (sum.mantissa == 0 && dot == 0) {
      sum.exponent = 0;
      return;
    }
    const int top =
        std::max(sum.mantissa != 0 ? sum.exponent + width_ : -1000, dot != 0 ? exponent + sum_width_ : -1000);
    const int level = top - width_ - guard_;
    Int128 total = 0;
    if (sum.mantissa != 0) total += brought(sum.mantissa * power(sum.exponent), level, true);
    if (dot != 0) total += brought(dot * power(exponent), level, true);
    int excess = 0;
    while (absolute(total) >> excess >= Int128{1} << width_) ++excess;
    const Int128 step = Int128{1} << excess;
    Int128 kept = absolute(total) / step;
    const Int128 twice = 2 * (absolute(total) % step);
    if (twice > step || (twice == step && kept % 2 != 0)) ++kept;
    if (kept == Int128{1} << width_) {
      kept /= 2;
      ++excess;
    }
    sum.mantissa = total < 0 ? -kept : kept;
    sum.exponent = total == 0 ? 0 : level + excess;
  }

  int align_, width_, guard_, sum_width_;
  Integers integers_;
  bool jams_;
};

}  // namespace subbyte
