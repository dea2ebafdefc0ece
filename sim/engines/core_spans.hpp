// What a core does in a layer and when, from the engine `fast`: spans of cycles on tracks that a person can look at.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engines/core_schedule.hpp"

namespace subbyte::sim {

/// Spans of one track do not overlap. Those of the array follow one another without a hole over the whole layer.
enum class CoreTrack : std::uint8_t {
  kArray,            ///< the cause to which each cycle is booked
  kReadActivations,  ///< from the request to the last word, as the next one
  kReadWeights,      ///< these may be asked for while activations still come
  kWriteOutputs,     ///< from the first announcement to the last word
  kActivationHalf0,  ///< of the buffer: filled by a fetch, then held until the last step that uses it
  kActivationHalf1,
  kWeightHalf0,
  kWeightHalf1,
  kOutputHalf0,  ///< filled by the steps of a pair of blocks, then held until memory has taken the results
  kOutputHalf1,
};
inline constexpr unsigned kCoreTrackCount = 10;
/// Spans that a step of the loop nest has at most, but for its gaps; a read counts twice.
inline constexpr std::size_t kMostSpansOfStep = 24;

struct CoreSpan {
  CoreTrack track = CoreTrack::kArray;
  std::string name;
  std::uint64_t first = 0, cycles = 0;  ///< counted from the layer's first one
  std::uint32_t step = 0;               ///< the first one of these, in the loop nest
  kernels::CoreCounts counts{};         ///< of the array: its cycles by cause; others have none
  std::uint64_t words = 0;              ///< of the bus, of a transfer
};

struct CoreSpans {
  std::vector<CoreSpan> spans;         ///< in the order of the tracks, and of time in each
  std::uint32_t steps = 0, shown = 0;  ///< the steps of the layer, and the first ones that stand one by one
  std::uint32_t merged = 0;            ///< of these, the ones whose work and gaps are one span
};

/// Returns at most `most` spans, which is 64 at least, and one more; a read counts twice. Where the layer has more,
/// gaps between chunks are not told from the work around them, and then the steps behind the first ones are one span of
/// the array, "left out".
CoreSpans core_spans(const CoreLayerPlan& plan, const CoreSchedule& schedule, std::size_t most);

}  // namespace subbyte::sim
