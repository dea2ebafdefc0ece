#include "kernels/parts/tile_beat.hpp"

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/unpack_field.hpp"

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
    : SideLayout(tile_input_shape(params)),
      rows(params.rows),
      cols(params.cols),
      lanes(params.lanes),
      code(shape.offset("code")),
      selector(shape.offset("selector")),
      zero(shape.offset("zero")) {}

void unpack(const TileBeatLayout& layout, std::span<const std::uint64_t> beat, TileBeat& fields) {
  unpack_field(beat, 0, 16, layout.rows * layout.lanes, fields.activations);
  unpack_field(beat, layout.code, 8, layout.cols * layout.lanes, fields.codes);
  unpack_field(beat, layout.selector, 2, layout.cols, fields.selectors);
  unpack_field(beat, layout.zero, 8, layout.cols, fields.zeros);
  layout.unpack_side(beat, layout.cols, fields);
  fields.group_last = layout.last_of_group(beat);
}

}  // namespace subbyte::kernels
