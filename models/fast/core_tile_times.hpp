// When a tile in the core's socket takes chunks and gives results, for the `fast` engine of the core: the recurrences
// of the tiles (kernels/TIMING.md) over chunks that are offered in turn, and results that are always taken.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/core/core_layer.hpp"

namespace subbyte::models {

class CoreTileTimes {
 public:
  virtual ~CoreTileTimes() = default;
  /// Returns the edge that takes a chunk which is offered from `offered` on.
  virtual std::uint64_t take(std::uint64_t offered) = 0;
  /// The chunk that was taken last ends a group, or also the tile. Returns the edge of the tile's last result, or 0.
  virtual std::uint64_t end_group(bool tile_last) = 0;
  /// Appends every edge that later ones depend on.
  virtual void state(std::vector<std::uint64_t>& edges) const = 0;
};

/// `beats` are the tile's beats of a chunk.
std::unique_ptr<CoreTileTimes> core_tile_times(const kernels::CoreTile& tile, const kernels::CoreLayer& layer,
                                               unsigned beats);

}  // namespace subbyte::models
