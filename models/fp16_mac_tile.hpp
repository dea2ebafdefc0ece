// fp16_mac_tile in time: operands, products, and sums that drain through themselves (kernels/TIMING.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/contract/unit_port.hpp"
#include "kernels/fp16_mac_tile.hpp"

namespace subbyte::models {

/// The valid bits, and the row that drains.
class MacTileControl {
 public:
  explicit MacTileControl(unsigned rows) : rows_(rows) {}

  bool in_ready() const { return !valid0_ || loads1(); }
  bool out_valid() const { return drain_; }

  struct Moves {
    bool row_left = false;  ///< the receiver took a row
    bool add = false;       ///< the products enter the sums
    bool finish = false;    ///< ... and the tile is complete: its rows leave from now on
    bool multiply = false;  ///< the operands enter the products
    bool load = false;      ///< the input enters the operands
  };
  /// Move the data downstream first.
  Moves edge(bool in_valid, bool in_last, bool out_ready) {
    const Moves moves{drain_ && out_ready, adds(), adds() && last1_, loads1(), in_valid && in_ready()};
    if (moves.row_left) {
      row_ = row_ + 1 == rows_ ? 0 : row_ + 1;
      drain_ = row_ != 0;
    }
    drain_ = drain_ || moves.finish;
    valid1_ = moves.multiply || (valid1_ && !moves.add);
    if (moves.multiply) last1_ = last0_;
    valid0_ = moves.load || (valid0_ && !moves.multiply);
    if (moves.load) last0_ = in_last;
    return moves;
  }

 private:
  bool adds() const { return valid1_ && !drain_; }
  bool loads1() const { return valid0_ && (!valid1_ || adds()); }

  unsigned rows_;
  unsigned row_ = 0;
  bool valid0_ = false;
  bool valid1_ = false;
  bool last0_ = false;
  bool last1_ = false;
  bool drain_ = false;
};

/// The tile with its data registers, for whoever composes it.
class MacTileCore {
 public:
  explicit MacTileCore(const kernels::MacTileParams& params);

  const MacTileControl& control() const { return control_; }
  /// Returns the row that leaves, while control().out_valid() holds.
  std::span<const std::uint32_t> row() const { return {sums_.data() + row_ * params_.cols, params_.cols}; }
  /// The operands are read only when the input enters.
  MacTileControl::Moves edge(bool in_valid, bool in_last, std::span<const std::uint16_t> activations,
                             std::span<const std::uint16_t> weights, bool out_ready);

 private:
  kernels::MacTileParams params_;
  MacTileControl control_;
  unsigned row_ = 0;
  std::vector<std::uint16_t> activations_, weights_;
  std::vector<std::uint32_t> products_, sums_;
};

/// Returns the registers of a tile, for machines that are composed of tiles. The parameters are complete.
std::unique_ptr<kernels::UnitPort> fp16_mac_tile_port(const kernels::Parameters& parameters);

}  // namespace subbyte::models
