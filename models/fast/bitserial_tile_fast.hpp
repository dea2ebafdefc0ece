// The `fast` engine of bitserial_tile gives cycles without data. They are equal to the cycles of the SystemC model and
// the RTL, by kernels/TIMING.md. It needs no SystemC.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/unit.hpp"

namespace subbyte::models {

/// A layer on one tile: `tiles` output tiles follow one after the other, each with the same groups of K.
struct TileWork {
  std::uint64_t tiles = 1;
  std::uint64_t full_groups = 1;    ///< groups of full length per tile
  std::uint64_t full_beats = 1;     ///< beats of a full group: ceil(group / lanes)
  std::uint64_t tail_beats = 0;     ///< beats of the shorter group that ends a tile, or 0 where there is none
  unsigned terms = 1;               ///< cycles per beat
  unsigned scale_bits = 11;         ///< 8 for u8 scales, 11 for FP16
  unsigned rows = 8;                ///< rows of the tile: 1..8 or a multiple of 8
  std::uint64_t config_writes = 0;  ///< cycles before the first beat
};

/// Splits `inputs` (K) into groups of `group` elements, of which the last is ragged.
TileWork tile_work(std::uint64_t tiles, std::uint64_t inputs, std::uint64_t group, unsigned lanes);

/// Returns the cycles without stalls, in closed form: Trace::cycles() of a run (the cycle of the last output beat plus
/// one). Throws std::invalid_argument when there is no tile, no group, or a tail longer than a full group.
std::uint64_t tile_cycles(const TileWork& work);

/// One group of a run, for the recurrence.
struct TileGroup {
  std::uint64_t beats = 1;
  unsigned scale_bits = 11;
  bool tile_last = false;
};

/// The recurrence over beats with stalls returns the cycle of every output beat. `groups` are the groups of the whole
/// run; what follows the last tile_last gives no output.
std::vector<std::uint64_t> tile_output_cycles(unsigned rows, unsigned terms, std::uint64_t config_writes,
                                              const std::vector<TileGroup>& groups, const kernels::StallPlan& stalls);
std::vector<std::uint64_t> tile_output_cycles(const TileWork& work, const kernels::StallPlan& stalls);
/// Does the same for a stimulus of bitserial_tile: reads its configuration and the flags of its beats. Beats after the
/// last group_last, which belong to no complete group, are ignored.
std::vector<std::uint64_t> tile_output_cycles(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                              const kernels::Stimulus& stimulus);

}  // namespace subbyte::models
