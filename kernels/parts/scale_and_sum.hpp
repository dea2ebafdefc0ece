// What stands behind the PEs of a tile: a group_dequant per PE, column sums and the tile's output beats. The numbers
// are in kernels/ARITHMETIC.md, sections 3 and 4; the order of the output is in kernels/TIMING.md, bitserial_tile.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bitserial_pe.hpp"
#include "kernels/column_accumulator.hpp"
#include "kernels/contract/trace.hpp"
#include "kernels/group_dequant.hpp"

namespace subbyte::kernels {

/// The PEs of a tile, whose rows are tokens and whose columns are output channels.
struct ArrayShape {
  unsigned rows = 8;
  unsigned cols = 8;

  /// Reads parameters that resolve() completed. Throws std::invalid_argument, which names the unit, for more than 8
  /// rows that are no multiple of 8.
  static ArrayShape of(const Parameters& parameters, const char* unit);
  unsigned ports() const { return (rows + 7) / 8; }
  unsigned rows_per_port() const { return rows / ports(); }
  /// Returns the bit offset of value (port, col) in an output beat; beat i of a tile holds row port*rows_per_port() +
  /// i.
  unsigned value_offset(unsigned port, unsigned col) const { return 32 * (port * cols + col); }
  /// Returns the fields of an output beat: value[ports*cols] x32.
  BeatShape output() const;
};

/// What a group carries beside its operands; it is valid in the beat that ends the group.
struct GroupSide {
  std::vector<std::uint16_t> scales;          ///< [cols]
  std::vector<std::uint32_t> channel_scales;  ///< [cols]
  bool scale_u8 = false;
  bool tile_last = false;
};

/// Offsets of what every tile's input beat carries beside its operands: scale x16 and channel_scale x32 of each column,
/// and the flags scale_u8, group_last and tile_last.
struct SideLayout {
  /// `shape` has these fields. Throws std::out_of_range where it has not.
  explicit SideLayout(BeatShape beat);
  BeatShape shape;
  unsigned scale, channel_scale, scale_u8, group_last, tile_last;

  /// FP16 bit pattern, or the u8 value when scale_u8 is set for the beat.
  void set_scale(std::span<std::uint64_t> beat, unsigned col, std::uint16_t bits) const {
    set_bits(beat, scale + 16 * col, 16, bits);
  }
  void set_channel_scale(std::span<std::uint64_t> beat, unsigned col, std::uint32_t fp32) const {
    set_bits(beat, channel_scale + 32 * col, 32, fp32);
  }
  void set_flags(std::span<std::uint64_t> beat, bool u8, bool last_of_group, bool last_of_tile) const {
    set_bits(beat, scale_u8, 1, u8 ? 1 : 0);
    set_bits(beat, group_last, 1, last_of_group ? 1 : 0);
    set_bits(beat, tile_last, 1, last_of_tile ? 1 : 0);
  }
  bool last_of_group(std::span<const std::uint64_t> beat) const { return get_bits(beat, group_last, 1) != 0; }
  /// Overwrites `side`, whose vectors are reused.
  void unpack_side(std::span<const std::uint64_t> beat, unsigned cols, GroupSide& side) const;
};

/// The golden function of the back end: group results in, output beats out.
class ColumnSums {
 public:
  ColumnSums(const ArrayShape& array, TraceWindow window);
  /// Scales and adds the results [rows*cols] of a group, and with side.tile_last emits the tile's beats.
  void add_group(std::span<const PeState> results, const GroupSide& side);
  Trace take() { return std::move(trace_); }

 private:
  void emit(const GroupSide& side);

  ArrayShape array_;
  std::vector<std::uint32_t> sums_;  ///< [rows*cols]
  std::vector<std::uint64_t> beat_;
  Trace trace_;
};

}  // namespace subbyte::kernels
