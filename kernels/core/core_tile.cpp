#include "kernels/core/core_tile.hpp"

#include <iterator>
#include <stdexcept>
#include <string>

#include "kernels/catalogue.hpp"

namespace subbyte::kernels {
namespace {

constexpr const char* kUnits[] = {"bitserial_tile", "fp16_mac_tile",    "int8_mac_tile", "fp16_int8_mac_tile",
                                  "ternary_tile",   "dequant_mac_tile", "plane_tile"};
static_assert(std::size(kUnits) == kCoreTileKinds);
constexpr unsigned kSparseWeights = 4;  ///< of a 3:4 code

bool flag(const Parameters& parameters, const char* name) { return parameters.at(name) != 0; }

}  // namespace

const char* core_tile_unit(CoreTileKind kind) { return kUnits[static_cast<unsigned>(kind)]; }

Parameters core_tile_parameters(const Parameters& core) {
  const UnitInfo& tile = unit(kUnits[core.at("tile")]);
  Parameters parameters;
  for (const ParameterSpec& spec : tile.parameters)
    if (core.contains(spec.name)) parameters[spec.name] = core.at(spec.name);
  return resolve(tile, parameters);
}

CoreTile CoreTile::of(const Parameters& parameters) {
  CoreTile tile;
  tile.kind = static_cast<CoreTileKind>(parameters.at("tile"));
  tile.rows = static_cast<unsigned>(parameters.at("rows"));
  tile.cols = static_cast<unsigned>(parameters.at("cols"));
  tile.lanes = static_cast<unsigned>(parameters.at("lanes"));
  tile.encoder = EncoderParams::of(parameters);
  // The tile's own shapes refuse what its parameters do not allow together.
  unit(core_tile_unit(tile.kind)).input_shape(core_tile_parameters(parameters));
  switch (tile.kind) {
    case CoreTileKind::kFp16Mac:
    case CoreTileKind::kDequantMac:
      tile.field_bits = tile.dequantizes() ? 4 : 16;
      if (tile.lanes != 1)
        throw std::invalid_argument("lanes are " + std::to_string(tile.lanes) + ", expected 1: a unit of " +
                                    core_tile_unit(tile.kind) + " makes one product per cycle");
      break;
    case CoreTileKind::kInt8Mac:
      tile.activation_bits = 8;
      break;
    case CoreTileKind::kTernary:
      if (flag(parameters, "act_int8")) tile.activation_bits = 8;
      tile.lanes_per_code = flag(parameters, "sparse") ? kSparseWeights : 1;
      tile.field_bits = flag(parameters, "sparse") ? 5 : 2;
      break;
    case CoreTileKind::kPlane:
      tile.field_bits = 1;
      break;
    default:
      break;
  }
  return tile;
}

unsigned CoreTile::beats(std::span<const ConfigWrite> writes, unsigned code_bits) const {
  return encodes() ? table_of(encoder, writes).terms : fields(code_bits);
}

std::optional<ConfigWrite> CoreTile::tile_write(ConfigWrite write) const {
  if (!planes()) return write;
  if (write.address != kCoreRegisters) return {};
  return ConfigWrite{0, write.data & 31};
}

CoreBeat::CoreBeat(const CoreTile& tile)
    : tile_(tile), code_(tile.activation_bits * tile.rows * tile.lanes), scale_bits_(tile.scales() ? 16 : 8) {
  unsigned at = code_ + tile.field_bits * tile.cols * tile.codes();
  const auto place = [&](bool there, unsigned& offset, unsigned bits) {
    offset = at;
    if (there) at += bits * tile.cols;
  };
  place(tile.dequantizes(), scale_, 8);
  place(tile.selects(), selector_, 2);
  place(tile.encodes(), zero_, 8);
  if (tile.scales()) place(true, scale_, 16);
  place(tile.scales(), channel_, 32);
  flags_ = at;
  bits_ = flags_ + (tile.scales() ? 3 : 1);
}

void CoreBeat::set_activation(std::span<std::uint64_t> beat, unsigned row, unsigned lane, std::uint16_t bits) const {
  set_bits(beat, tile_.activation_bits * (row * tile_.lanes + lane), tile_.activation_bits, bits);
}

void CoreBeat::set_code(std::span<std::uint64_t> beat, unsigned col, unsigned index, unsigned field) const {
  set_bits(beat, code_ + tile_.field_bits * (col * tile_.codes() + index), tile_.field_bits, field);
}

void CoreBeat::set_column(std::span<std::uint64_t> beat, unsigned col, const Column& column) const {
  if (tile_.selects()) set_bits(beat, selector_ + 2 * col, 2, column.selector);
  if (tile_.encodes()) set_bits(beat, zero_ + 8 * col, 8, column.zero);
  if (tile_.grouped()) set_bits(beat, scale_ + scale_bits_ * col, scale_bits_, column.scale);
  if (tile_.scales()) set_bits(beat, channel_ + 32 * col, 32, column.channel_scale);
}

void CoreBeat::set_flags(std::span<std::uint64_t> beat, bool scale_u8, bool group_last, bool tile_last) const {
  if (!tile_.scales()) return set_bits(beat, flags_, 1, tile_last ? 1 : 0);
  set_bits(beat, flags_, 1, scale_u8 ? 1 : 0);
  set_bits(beat, flags_ + 1, 1, group_last ? 1 : 0);
  set_bits(beat, flags_ + 2, 1, tile_last ? 1 : 0);
}

}  // namespace subbyte::kernels
