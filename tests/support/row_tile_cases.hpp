// What the tests of the tiles with integers inside share: an independent reference of a whole tile (the group sum is
// the test's), and the cycles of the manuals.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/arithmetic/int128.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/parts/row_tile.hpp"
#include "models/catalogue.hpp"
#include "quant/base/float16.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {

/// It is worth mantissa * 2^exponent.
struct GroupSum {
  kernels::Int128 mantissa = 0;
  int exponent = 0;
  bool nonfinite = false;
};

/// One group of one PE: activation fields and weight elements, beat after beat.
struct GroupOperands {
  std::vector<std::vector<std::uint16_t>> activations;  ///< [beat][lane]
  std::vector<std::vector<unsigned>> weights;           ///< [beat][element]
};
using GroupReference = std::function<GroupSum(const GroupOperands&)>;

inline bool is_nan(std::uint32_t bits) { return (bits & 0x7FFFFFFF) > 0x7F800000; }

/// Computes sections 3 and 4 of kernels/ARITHMETIC.md with the host's own FP32. Products of up to 53 bits are exact in
/// double.
inline float scaled(const GroupSum& sum, std::uint16_t scale, bool u8) {
  const double q = u8 ? scale & 0xFF : static_cast<double>(quant::half_to_float(scale & 0x7FFF));
  if (sum.nonfinite || !std::isfinite(q)) return std::numeric_limits<float>::quiet_NaN();
  if (sum.mantissa == 0 || q == 0) return 0;
  return static_cast<float>(std::ldexp(static_cast<double>(sum.mantissa) * q, sum.exponent));
}

/// Appends the activations and weights of a beat to the groups of all PEs; `field` reads bits of the beat.
template <class Field>
void add_operands(const kernels::RowTileParams& params, const kernels::RowTileLayout& layout, const Field& field,
                  std::vector<GroupOperands>& groups) {
  const unsigned cols = params.array.cols;
  for (unsigned k = 0; k < groups.size(); ++k) {
    auto& activations = groups[k].activations.emplace_back();
    for (unsigned l = 0; l < params.lanes; ++l) {
      const unsigned at = (k / cols * params.lanes + l) * layout.activation_bits;
      activations.push_back(static_cast<std::uint16_t>(field(at, layout.activation_bits)));
    }
    auto& weights = groups[k].weights.emplace_back();
    for (unsigned e = 0; e < layout.elements; ++e) {
      weights.push_back(
          field(layout.weight + (k % cols * layout.elements + e) * layout.weight_bits, layout.weight_bits));
    }
  }
}

/// Returns the output values of every beat of a stimulus without planes, [beat][port*cols + col], as FP32 patterns in
/// which every NaN is 0x7FC00000.
inline std::vector<std::vector<std::uint32_t>> tile_reference(const kernels::RowTileParams& params,
                                                              const kernels::Stimulus& stimulus,
                                                              const GroupReference& group_sum) {
  const kernels::RowTileLayout layout(params);
  const unsigned rows = params.array.rows;
  const unsigned cols = params.array.cols;
  std::vector<float> sums(rows * cols, 0.0F);
  std::vector<GroupOperands> groups(rows * cols);
  std::vector<std::vector<std::uint32_t>> out;
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    const auto beat = input_beat(stimulus, i);
    const auto field = [&](unsigned at, unsigned bits) {
      return static_cast<unsigned>(kernels::get_bits(beat, at, bits));
    };
    add_operands(params, layout, field, groups);
    if (field(layout.group_last, 1) == 0) continue;
    for (unsigned k = 0; k < rows * cols; ++k) {
      const auto scale = static_cast<std::uint16_t>(field(layout.scale + 16 * (k % cols), 16));
      sums[k] += scaled(group_sum(groups[k]), scale, field(layout.scale_u8, 1) != 0);
      groups[k] = {};
    }
    if (field(layout.tile_last, 1) == 0) continue;
    for (unsigned row = 0; row < params.array.rows_per_port(); ++row) {
      auto& values = out.emplace_back();
      for (unsigned port = 0; port < params.array.ports(); ++port) {
        for (unsigned c = 0; c < cols; ++c) {
          float& sum = sums[(port * params.array.rows_per_port() + row) * cols + c];
          const auto channel = std::bit_cast<float>(field(layout.channel_scale + 32 * c, 32));
          const auto bits = std::bit_cast<std::uint32_t>(sum * channel);
          values.push_back(is_nan(bits) ? 0x7FC00000 : bits);
          sum = 0;
        }
      }
    }
  }
  return out;
}

/// Returns the first beat whose values are not these, or the number of beats.
inline std::size_t first_difference(const kernels::Trace& trace,
                                    const std::vector<std::vector<std::uint32_t>>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (unsigned k = 0; k < values[i].size(); ++k) {
      if (kernels::get_bits(trace.beat(i), 32 * k, 32) != values[i][k]) return i;
    }
  }
  return values.size();
}

/// Compares golden with the reference at every point and for every format that the unit tells apart.
inline void expect_golden_equals_reference(const std::string& name, kernels::RowTileKindOf kind,
                                           const std::function<GroupReference(const kernels::RowTileParams&)>& of,
                                           std::size_t cases) {
  const auto& info = kernels::unit(name);
  for (const auto& point : info.points) {
    const auto params = kernels::RowTileParams::of(point, kind);
    std::uint64_t seed = 1;
    for (const auto& format : tested_formats(info)) {
      if (info.unsupported(point, format)) continue;
      SCOPED_TRACE(format.id() + " point " + std::to_string(&point - info.points.data()));
      const auto stimulus = info.random(point, {format, cases, seed++, {}, true});
      const auto expected = tile_reference(params, stimulus, of(params));
      const auto golden = info.golden(point, stimulus, {});
      ASSERT_EQ(golden.size(), expected.size());
      ASSERT_EQ(first_difference(golden, expected), expected.size());
    }
  }
}

/// Makes tiles of one group of `beats` beats, in which all is zero but the flags.
inline kernels::Stimulus one_group_tiles(const kernels::BeatShape& shape, std::size_t tiles, unsigned beats, bool u8) {
  kernels::Beats words(shape.words());
  for (std::size_t i = 0; i < tiles * beats; ++i) {
    const auto beat = words.append();
    const bool last = i % beats + 1 == beats;
    kernels::set_bits(beat, shape.offset("scale_u8"), 1, u8);
    kernels::set_bits(beat, shape.offset("group_last"), 1, last);
    kernels::set_bits(beat, shape.offset("tile_last"), 1, last);
  }
  kernels::Stimulus stimulus;
  stimulus.cases = tiles;
  stimulus.input = kernels::source_of(std::move(words));
  return stimulus;
}

/// Checks the manual's cycles without stalls, in RTL and model: a group takes the longer of its beats and its scale's
/// bits.
inline void expect_cycles_of_the_manual(const std::string& name, const kernels::Parameters& point) {
  const auto& info = kernels::unit(name);
  const auto rows = static_cast<std::uint64_t>(point.at("rows"));
  ASSERT_LE(rows, 8U);
  for (const unsigned beats : {1U, 2U, 7U, 8U, 10U, 11U, 12U, 32U}) {
    for (const bool u8 : {false, true}) {
      SCOPED_TRACE(std::to_string(beats) + (u8 ? " beats, u8 scale" : " beats, FP16 scale"));
      const std::uint64_t bits = u8 ? 8 : 11;
      const auto stimulus = one_group_tiles(info.input_shape(point), 20, beats, u8);
      const auto rtl = sim::run_rtl(kernels::unit(name), point, stimulus);
      ASSERT_EQ(rtl.size(), 20 * rows);
      EXPECT_EQ(rtl.cycle(0), beats - 1 + 3 + bits + 1 + 3);
      for (std::uint64_t tile = 1; tile < 20; ++tile) {
        EXPECT_EQ(rtl.cycle(tile * rows) - rtl.cycle((tile - 1) * rows), std::max<std::uint64_t>(beats, bits)) << tile;
      }
      EXPECT_TRUE(compare(rtl, models::run_systemc(kernels::unit(name), point, stimulus)).equal());
    }
  }
}

/// Checks that RTL and model agree in bits and cycles under stalls of one side, of the other, and of both.
inline void expect_cycles_under_stalls(const std::string& name, const kernels::Parameters& point, const char* format) {
  const auto& info = kernels::unit(name);
  for (const auto& [input, output] : {std::pair{0U, 60U}, {60U, 0U}, {30U, 30U}, {10U, 90U}}) {
    const auto stimulus =
        info.random(point, {quant::parse_format(format), 60, input + output, {7, input, output}, true});
    const auto rtl = sim::run_rtl(kernels::unit(name), point, stimulus);
    const auto verdict = compare(rtl, models::run_systemc(kernels::unit(name), point, stimulus));
    EXPECT_TRUE(verdict.cycles_compared);
    EXPECT_TRUE(verdict.equal()) << input << " % " << output << " %: first cycle mismatch at beat "
                                 << verdict.first_cycle_mismatch.value_or(0);
  }
}

}  // namespace subbyte
