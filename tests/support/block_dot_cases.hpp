// What the tests of mx_dot and nvfp4_dot share: stimuli built block by block, and the cycles of a group pipeline.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/parts/block_dot.hpp"

namespace subbyte {

inline std::span<const std::uint8_t> elements(const kernels::BlockLayout& layout,
                                              const std::array<std::uint8_t, 32>& codes) {
  return std::span(codes).first(layout.block);
}

inline kernels::Stimulus stimulus_of(const kernels::BlockLayout& layout, std::span<const kernels::BlockBeat> blocks,
                                     kernels::StallPlan stalls = {}) {
  kernels::Beats beats(layout.shape().words());
  std::size_t results = 0;
  for (const auto& block : blocks) {
    layout.write(beats.append(), block);
    results += block.last ? 1U : 0U;
  }
  return {{}, kernels::source_of(std::move(beats)), stalls, results};
}

inline std::vector<kernels::BlockBeat> blocks_of(const kernels::BlockLayout& layout,
                                                 const kernels::Stimulus& stimulus) {
  std::vector<kernels::BlockBeat> blocks;
  std::vector<std::uint64_t> words(stimulus.input.words);
  for (std::size_t i = 0; i < stimulus.input.count; ++i) {
    stimulus.input.fill(i, words);
    blocks.push_back(layout.read(words));
  }
  return blocks;
}

/// Takes every pair of codes once, beside zeros, at a place that wanders through the block; every block has a result.
inline std::vector<kernels::BlockBeat> every_pair(const kernels::BlockLayout& layout, std::uint8_t scale) {
  const unsigned codes = 1U << kernels::element_info(layout.element).bits;
  std::vector<kernels::BlockBeat> blocks;
  for (unsigned a = 0; a < codes; ++a) {
    for (unsigned b = 0; b < codes; ++b) {
      kernels::BlockBeat block;
      block.a.at((a + b) % layout.block) = static_cast<std::uint8_t>(a);
      block.b.at((a + b) % layout.block) = static_cast<std::uint8_t>(b);
      block.scale_a = scale;
      block.scale_b = scale;
      block.last = true;
      blocks.push_back(block);
    }
  }
  return blocks;
}

/// Returns the cycle of every result, from the promise of a group pipeline (kernels/TIMING.md) and not from its
/// registers: a block is in stage 0 for a cycle at least, then in stage 1, and is then added; what ends a result waits
/// for the one before it to leave.
inline std::vector<std::uint64_t> group_cycles(const kernels::StallPlan& stalls,
                                               std::span<const kernels::BlockBeat> blocks) {
  const auto unstalled = [&](kernels::Side side, std::uint64_t cycle) {
    while (stalls.stalled(side, cycle)) ++cycle;
    return cycle;
  };
  std::vector<std::uint64_t> out;
  std::uint64_t offered_from = 0;
  std::uint64_t to_stage1 = 0;  // of the block before
  std::uint64_t added = 0;
  for (const auto& block : blocks) {
    const std::uint64_t taken = std::max(unstalled(kernels::Side::kInput, offered_from), to_stage1);
    offered_from = taken + 1;
    to_stage1 = std::max(taken + 1, added);
    added = to_stage1 + 1;
    if (!block.last) continue;
    if (!out.empty()) added = std::max(added, out.back());
    out.push_back(unstalled(kernels::Side::kOutput, added + 1));
  }
  return out;
}

inline void expect_cycles(const kernels::Trace& trace, const std::vector<std::uint64_t>& expected) {
  ASSERT_EQ(trace.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(trace.cycle(i), expected[i]) << "result " << i;
}

/// Returns the results as patterns.
inline std::vector<std::uint32_t> results_of(const kernels::Trace& trace) {
  std::vector<std::uint32_t> results;
  for (std::uint64_t i = 0; i < trace.size(); ++i) results.push_back(static_cast<std::uint32_t>(trace.beat(i)[0]));
  return results;
}

}  // namespace subbyte
