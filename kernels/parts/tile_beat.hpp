// The beats of bitserial_tile by field, for whoever builds or reads them (kernels/TIMING.md has the order).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bitserial_pe.hpp"
#include "kernels/parts/scale_and_sum.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::kernels {

struct TileParams {
  unsigned rows = 8;
  unsigned cols = 8;
  unsigned lanes = 4;
  EncoderParams encoder;
  PeParams pe;

  /// Reads parameters that resolve() completed. Throws std::invalid_argument for more than 8 rows that are no multiple
  /// of 8.
  static TileParams of(const Parameters& parameters);
  unsigned ports() const { return (rows + 7) / 8; }
  unsigned rows_per_port() const { return rows / ports(); }
};

/// Offsets of the input beat's fields.
struct TileBeatLayout : SideLayout {
  explicit TileBeatLayout(const TileParams& params);
  unsigned rows, cols, lanes;
  unsigned code, selector, zero;  ///< activations start at bit 0

  void set_activation(std::span<std::uint64_t> beat, unsigned row, unsigned lane, std::uint16_t fp16) const {
    set_bits(beat, 16 * (row * lanes + lane), 16, fp16);
  }
  /// `field` is code_field() of the raw code (kernels/parts/code_field.hpp).
  void set_code(std::span<std::uint64_t> beat, unsigned col, unsigned lane, std::uint8_t field) const {
    set_bits(beat, code + 8 * (col * lanes + lane), 8, field);
  }
  void set_selector(std::span<std::uint64_t> beat, unsigned col, unsigned value) const {
    set_bits(beat, selector + 2 * col, 2, value);
  }
  void set_zero(std::span<std::uint64_t> beat, unsigned col, unsigned value) const {
    set_bits(beat, zero + 8 * col, 8, value);
  }
};

/// An input beat taken apart.
struct TileBeat : GroupSide {
  std::vector<std::uint16_t> activations;  ///< [rows*lanes]
  std::vector<std::uint8_t> codes;         ///< [cols*lanes]
  std::vector<std::uint8_t> selectors;     ///< [cols], like the rest
  std::vector<std::uint8_t> zeros;
  bool group_last = false;
};
/// Overwrites `fields`; its vectors are reused.
void unpack(const TileBeatLayout& layout, std::span<const std::uint64_t> beat, TileBeat& fields);

/// Returns the bit offset of value (port, col) in an output beat; beat i of a tile holds row port*rows_per_port + i.
inline unsigned tile_value_offset(const TileParams& params, unsigned port, unsigned col) {
  return 32 * (port * params.cols + col);
}

}  // namespace subbyte::kernels
