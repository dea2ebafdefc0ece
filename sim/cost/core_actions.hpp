// What the parts of a core do in a layer, counted from its loop nest in closed form (kernels/CORE.md). An access of a
// buffer is one that the RTL makes, whether somebody looks at the word or not.
#pragma once

#include <cstdint>

#include "sim/engines/core_schedule.hpp"

namespace subbyte::sim {

/// All tiles are in lock-step and take every chunk. A chunk of a tile counts as padding where no token or no output of
/// the layer is in the whole tile; in every other one the beats say themselves which rows and columns are zeros.
struct CoreActions {
  std::uint64_t tile_chunks = 0;                 ///< taken by tiles that have a token and an output
  std::uint64_t tile_chunks_without_token = 0;   ///< by tiles that have an output alone
  std::uint64_t tile_chunks_without_output = 0;  ///< by the others

  /// Channel scales, metadata, and chunks or their planes. Each one is a read of two neighbouring words of the weight
  /// buffer, but where codes are held, and of the activation buffer of every row of the array, but for later planes.
  std::uint64_t fields = 0;
  std::uint64_t later_planes = 0;      ///< of the fields, those under activations that were read before
  std::uint64_t held_codes = 0;        ///< of the fields, those whose codes were read before, beside another chunk's
  std::uint64_t weight_words = 0;      ///< of the bus, written into the weight buffer
  std::uint64_t activation_words = 0;  ///< of the bus, written into the buffer of a row

  /// Words of the output buffer, which are a row of the array's results, written.
  std::uint64_t results = 0;
  std::uint64_t added = 0;       ///< of these, the ones that are added to what was read
  std::uint64_t write_back = 0;  ///< read for the memory; all banks are read, and one of them is taken

  CoreActions& operator+=(const CoreActions& other);
  CoreActions& operator*=(std::uint64_t times);
  /// Chunks that all tiles take, padding included.
  std::uint64_t all_tile_chunks() const { return tile_chunks + tile_chunks_without_token + tile_chunks_without_output; }
};

/// Returns what a layer of this plan does in the blocks of the schedule.
CoreActions core_actions(const CoreLayerPlan& plan, const CoreSchedule& schedule);

}  // namespace subbyte::sim
