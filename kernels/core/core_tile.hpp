// The tiles that fit the core's socket, and the fields of the beats that the core makes for them (kernels/CORE.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/contract/beat.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/term_encoder.hpp"

namespace subbyte::kernels {

/// The values of the core's parameter `tile`.
enum class CoreTileKind : std::uint8_t { kBitserial, kFp16Mac, kInt8Mac, kFp16Int8Mac, kTernary, kDequantMac, kPlane };
inline constexpr unsigned kCoreTileKinds = 7;

/// Where the core's own registers begin.
inline constexpr std::uint8_t kCoreRegisters = 0xC0;

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
  unsigned field_bits = 8;        ///< of a code in the tile's beat, or of its bit in a plane
  EncoderParams encoder;          ///< of bitserial_tile

  /// Reads parameters of a core that resolve() completed. Throws std::invalid_argument for what the tile refuses.
  static CoreTile of(const Parameters& parameters);
  unsigned ports() const { return scales() ? (rows + 7) / 8 : 1; }
  unsigned rows_per_port() const { return rows / ports(); }
  unsigned codes() const { return lanes / lanes_per_code; }  ///< of a column in a beat
  bool encodes() const { return kind == CoreTileKind::kBitserial; }
  bool dequantizes() const { return kind == CoreTileKind::kDequantMac; }
  bool planes() const { return kind == CoreTileKind::kPlane; }
  /// Whether it scales group sums, by a scale of 16 bits or u8 and a channel scale in FP32.
  bool scales() const { return kind != CoreTileKind::kFp16Mac && !dequantizes(); }
  /// Whether it takes a scale per group.
  bool grouped() const { return scales() || dequantizes(); }
  bool selects() const { return encodes() || dequantizes(); }
  /// Whether the core subtracts the zero point from a code, for the tile takes integers.
  bool subtracts() const { return kind == CoreTileKind::kInt8Mac || kind == CoreTileKind::kFp16Int8Mac; }
  /// Returns the fields and beats of a chunk of codes of so many bits: its planes, or one.
  unsigned fields(unsigned code_bits) const { return planes() ? code_bits : 1; }
  /// Whether codes of so many bits are bytes of five trits.
  bool fives(unsigned code_bits) const { return kind == CoreTileKind::kTernary && field_bits == 2 && code_bits == 8; }
  /// Returns the chunks that share a field of codes.
  unsigned parts(unsigned code_bits) const { return fives(code_bits) ? 5 : 1; }
  /// Returns the bits of a code in one of them.
  unsigned bits_in_field(unsigned code_bits) const { return planes() ? 1 : code_bits; }
  /// Returns the cycles for which the tiles take a chunk after these configuration writes: the terms of a code, its
  /// planes, or one.
  unsigned beats(std::span<const ConfigWrite> writes, unsigned code_bits) const;
  /// Returns what the configuration port of the tile sees of a write to the core.
  std::optional<ConfigWrite> tile_write(ConfigWrite write) const;
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
  unsigned code_, selector_ = 0, zero_ = 0, scale_ = 0, scale_bits_, channel_ = 0, flags_ = 0, bits_;
};

}  // namespace subbyte::kernels
