#include "models/fast/core_tile_times.hpp"

#include <algorithm>

#include "kernels/group_dequant.hpp"
#include "models/fast/tile_back_end.hpp"

namespace subbyte::models {
namespace {

const kernels::StallPlan kNoStalls{};

/// The back end of the tiles whose groups are scaled.
class ScaledTimes : public CoreTileTimes {
 public:
  ScaledTimes(const kernels::CoreTile& tile, const kernels::CoreLayer& layer)
      : scale_bits_(kernels::scale_significand(0, layer.scale_bits == 8).bits),
        back_end_(tile.rows_per_port(), kNoStalls) {}
  void state(std::vector<std::uint64_t>& edges) const override {
    back_end_.visit([&](std::uint64_t edge) { edges.push_back(edge); });
  }

 protected:
  /// Returns the edge that frees stage 1 of the PEs, and leaves that of the last result.
  std::uint64_t end(std::uint64_t ready, bool tile_last) {
    outputs_.clear();
    const std::uint64_t freed = back_end_.add(ready, scale_bits_, tile_last, outputs_);
    last_result_ = tile_last ? outputs_.back() : 0;
    return freed;
  }
  std::uint64_t last_result_ = 0;

 private:
  unsigned scale_bits_;
  TileBackEnd back_end_;
  std::vector<std::uint64_t> outputs_;
};

/// bitserial_tile: a chunk stays for its terms.
class SerialTimes final : public ScaledTimes {
 public:
  SerialTimes(const kernels::CoreTile& tile, const kernels::CoreLayer& layer, unsigned terms)
      : ScaledTimes(tile, layer), terms_(terms) {}
  std::uint64_t take(std::uint64_t offered) override { return taken_ = std::max(offered, stage1_free_) + terms_ - 1; }
  std::uint64_t end_group(bool tile_last) override {
    stage1_free_ = end(taken_ + 1, tile_last);
    return last_result_;
  }
  void state(std::vector<std::uint64_t>& edges) const override {
    ScaledTimes::state(edges);
    edges.push_back(stage1_free_);
  }

 private:
  unsigned terms_;
  std::uint64_t taken_ = 0, stage1_free_ = 0;
};

/// The tiles with integers inside: stage 0 and stage 1, which is full when a chunk's last plane entered it.
class RowTimes final : public ScaledTimes {
 public:
  RowTimes(const kernels::CoreTile& tile, const kernels::CoreLayer& layer)
      : ScaledTimes(tile, layer), planes_(tile.fields(layer.code_bits)) {}
  std::uint64_t take(std::uint64_t offered) override {
    const std::uint64_t taken = std::max(offered, stage0_free_);
    stage0_free_ = std::max(taken + 1, stage1_free_);
    plane_ = plane_ + 1 == planes_ ? 0 : plane_ + 1;
    if (plane_ == 0) stage1_free_ = stage0_free_ + 1;
    return taken;
  }
  std::uint64_t end_group(bool tile_last) override {
    stage1_free_ = end(stage1_free_, tile_last);
    return last_result_;
  }
  void state(std::vector<std::uint64_t>& edges) const override {
    ScaledTimes::state(edges);
    edges.push_back(stage0_free_);
    edges.push_back(stage1_free_);
  }

 private:
  unsigned planes_, plane_ = 0;  ///< those of a chunk, and the one that comes next
  std::uint64_t stage0_free_ = 0, stage1_free_ = 0;
};

/// fp16_mac_tile: operands, products, and sums that take nothing while their rows leave; dequant_mac_tile has two
/// registers in front of them.
class MacTimes final : public CoreTileTimes {
 public:
  explicit MacTimes(const kernels::CoreTile& tile) : rows_(tile.rows), enters_(tile.dequantizes() ? 5 : 3) {}
  std::uint64_t take(std::uint64_t offered) override {
    const std::size_t sums = enters_.size() - 1;
    enters_[0] = std::max(offered, enters_[1]);  // a register is left when the next one is entered
    for (std::size_t k = 1; k < sums; ++k) enters_[k] = std::max(enters_[k - 1] + 1, enters_[k + 1]);
    enters_[sums] = std::max(enters_[sums - 1] + 1, sums_free_);
    return enters_[0];
  }
  std::uint64_t end_group(bool tile_last) override {
    if (!tile_last) return 0;
    const std::uint64_t last_row = enters_.back() + rows_;
    sums_free_ = last_row + 1;
    return last_row;
  }
  void state(std::vector<std::uint64_t>& edges) const override {
    edges.insert(edges.end(), enters_.begin() + 1, enters_.end());
    edges.push_back(sums_free_);
  }

 private:
  unsigned rows_;
  std::vector<std::uint64_t> enters_;  ///< edges at which the latest chunk entered each register, and the sums
  std::uint64_t sums_free_ = 0;
};

}  // namespace

std::unique_ptr<CoreTileTimes> core_tile_times(const kernels::CoreTile& tile, const kernels::CoreLayer& layer,
                                               unsigned beats) {
  if (!tile.scales()) return std::make_unique<MacTimes>(tile);
  if (tile.encodes()) return std::make_unique<SerialTimes>(tile, layer, beats);
  return std::make_unique<RowTimes>(tile, layer);
}

}  // namespace subbyte::models
