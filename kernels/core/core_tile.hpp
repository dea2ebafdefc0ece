// The tiles that fit the core's socket, and the fields of the beats that the core makes for them (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <span>

#include "kernels/contract/beat.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::kernels {

/// The values of the core's parameter `tile`.
enum class CoreTileKind : std::uint8_t { kBitserial, kFp16Mac, kInt8Mac, kFp16Int8Mac, kTernary };
inline constexpr unsigned kCoreTileKinds = 5;

/// Returns the unit that stands in the socket.
const char* core_tile_unit(CoreTileKind kind);
/// Returns the core's parameters that the tile has. Throws std::invalid_argument where they are outside its ranges.
Parameters core_tile_parameters(const Parameters& core);

/// A tile as the core sees it.
struct CoreTile {
  CoreTileKind kind = CoreTileKind::kBitserial;
  unsigned rows = 8;
  unsigned cols = 8;
  unsigned lanes = 4;
  unsigned lanes_per_code = 1;    ///< 4 where a code holds four weights
  unsigned activation_bits = 16;  ///< of an input of a token, FP16 or a signed byte
  unsigned field_bits = 8;        ///< of a code in the tile's beat
  EncoderParams encoder;          ///< of bitserial_tile

  /// Reads parameters of a core that resolve() completed. Throws std::invalid_argument for what the tile refuses.
  static CoreTile of(const Parameters& parameters);
  unsigned ports() const { return kind == CoreTileKind::kFp16Mac ? 1 : (rows + 7) / 8; }
  unsigned rows_per_port() const { return rows / ports(); }
  unsigned codes() const { return lanes / lanes_per_code; }  ///< of a column in a beat
  bool encodes() const { return kind == CoreTileKind::kBitserial; }
  bool scales() const { return kind != CoreTileKind::kFp16Mac; }
  /// Whether the core subtracts the zero point from a code, for the tile takes integers.
  bool subtracts() const { return kind == CoreTileKind::kInt8Mac || kind == CoreTileKind::kFp16Int8Mac; }
  /// Returns the beats that a chunk takes after these configuration writes: the terms of a code, or one.
  unsigned beats(std::span<const ConfigWrite> writes) const;
};

/// Offsets of a beat's fields. What a tile does not have is not written.
class CoreBeat {
 public:
  explicit CoreBeat(const CoreTile& tile);
  std::size_t words() const { return (bits_ + 63) / 64; }
  unsigned bits() const { return bits_; }

  /// What stands beside the codes of a column.
  struct Column {
    unsigned selector = 0, zero = 0;
    std::uint16_t scale = 0;
    std::uint32_t channel_scale = 0;
  };
  void set_activation(std::span<std::uint64_t> beat, unsigned row, unsigned lane, std::uint16_t bits) const;
  void set_code(std::span<std::uint64_t> beat, unsigned col, unsigned index, unsigned field) const;
  void set_column(std::span<std::uint64_t> beat, unsigned col, const Column& column) const;
  void set_flags(std::span<std::uint64_t> beat, bool scale_u8, bool group_last, bool tile_last) const;

 private:
  CoreTile tile_;
  unsigned code_, selector_, zero_, scale_, channel_, flags_, bits_;
};

}  // namespace subbyte::kernels
