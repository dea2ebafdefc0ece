#include "kernels/parts/tile_beat.hpp"

#include <bit>
#include <cstring>

#include "kernels/contract/parameter_specs.hpp"

namespace subbyte::kernels {
namespace {

BeatShape tile_input_shape(const TileParams& p) {
  return BeatShape({{"act", 16, p.rows * p.lanes, FieldKind::kFp16},
                    {"code", 8, p.cols * p.lanes, FieldKind::kCode},
                    {"selector", 2, p.cols, FieldKind::kUnsigned},
                    {"zero", 8, p.cols, FieldKind::kUnsigned},
                    {"scale", 16, p.cols, FieldKind::kFp16},
                    {"channel_scale", 32, p.cols, FieldKind::kFp32},
                    {"scale_u8", 1, 1, FieldKind::kFlag},
                    {"group_last", 1, 1, FieldKind::kFlag},
                    {"tile_last", 1, 1, FieldKind::kFlag}});
}

static_assert(std::endian::native == std::endian::little);

template <class T>
void unpack_field(std::span<const std::uint64_t> beat, unsigned offset, unsigned bits, unsigned count,
                  std::vector<T>& out) {
  out.resize(count);
  if (offset % 8 == 0 && bits == 8 * sizeof(T)) {
    // Beats are little-endian words, and so is every host that this compiles on.
    std::memcpy(out.data(), reinterpret_cast<const unsigned char*>(beat.data()) + offset / 8, count * sizeof(T));
    return;
  }
  for (unsigned i = 0; i < count; ++i) out[i] = static_cast<T>(get_bits(beat, offset + bits * i, bits));
}

}  // namespace

TileParams TileParams::of(const Parameters& parameters) {
  TileParams p;
  const ArrayShape array = ArrayShape::of(parameters, "bitserial_tile");
  p.rows = array.rows;
  p.cols = array.cols;
  p.lanes = value_or(parameters, "lanes", p.lanes);
  p.encoder = EncoderParams::of(parameters);
  p.pe = PeParams::of(parameters);
  return p;
}

TileBeatLayout::TileBeatLayout(const TileParams& params)
    : shape(tile_input_shape(params)),
      rows(params.rows),
      cols(params.cols),
      lanes(params.lanes),
      code(shape.offset("code")),
      selector(shape.offset("selector")),
      zero(shape.offset("zero")),
      scale(shape.offset("scale")),
      channel_scale(shape.offset("channel_scale")),
      scale_u8(shape.offset("scale_u8")),
      group_last(shape.offset("group_last")),
      tile_last(shape.offset("tile_last")) {}

void unpack(const TileBeatLayout& layout, std::span<const std::uint64_t> beat, TileBeat& fields) {
  unpack_field(beat, 0, 16, layout.rows * layout.lanes, fields.activations);
  unpack_field(beat, layout.code, 8, layout.cols * layout.lanes, fields.codes);
  unpack_field(beat, layout.selector, 2, layout.cols, fields.selectors);
  unpack_field(beat, layout.zero, 8, layout.cols, fields.zeros);
  unpack_field(beat, layout.scale, 16, layout.cols, fields.scales);
  unpack_field(beat, layout.channel_scale, 32, layout.cols, fields.channel_scales);
  fields.scale_u8 = get_bits(beat, layout.scale_u8, 1) != 0;
  fields.group_last = get_bits(beat, layout.group_last, 1) != 0;
  fields.tile_last = get_bits(beat, layout.tile_last, 1) != 0;
}

}  // namespace subbyte::kernels
