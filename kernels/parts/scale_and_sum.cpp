#include "kernels/parts/scale_and_sum.hpp"

#include <stdexcept>
#include <utility>

#include "kernels/contract/parameter_specs.hpp"
#include "kernels/parts/unpack_field.hpp"

namespace subbyte::kernels {

ArrayShape ArrayShape::of(const Parameters& parameters, const char* unit) {
  ArrayShape array;
  array.rows = value_or(parameters, "rows", array.rows);
  array.cols = value_or(parameters, "cols", array.cols);
  if (array.rows > 8 && array.rows % 8 != 0) {
    throw std::invalid_argument(std::string("parameter 'rows' of unit ") + unit + " is " + std::to_string(array.rows) +
                                ", expected 1..8 or a multiple of 8");
  }
  return array;
}

BeatShape ArrayShape::output() const { return BeatShape({{"value", 32, ports() * cols, FieldKind::kFp32}}); }

SideLayout::SideLayout(BeatShape beat)
    : shape(std::move(beat)),
      scale(shape.offset("scale")),
      channel_scale(shape.offset("channel_scale")),
      scale_u8(shape.offset("scale_u8")),
      group_last(shape.offset("group_last")),
      tile_last(shape.offset("tile_last")) {}

void SideLayout::unpack_side(std::span<const std::uint64_t> beat, unsigned cols, GroupSide& side) const {
  unpack_field(beat, scale, 16, cols, side.scales);
  unpack_field(beat, channel_scale, 32, cols, side.channel_scales);
  side.scale_u8 = get_bits(beat, scale_u8, 1) != 0;
  side.tile_last = get_bits(beat, tile_last, 1) != 0;
}

ColumnSums::ColumnSums(const ArrayShape& array, TraceWindow window)
    : array_(array),
      sums_(array.rows * array.cols, 0),
      beat_(array.output().words()),
      trace_(beat_.size(), false, window) {}

void ColumnSums::add_group(std::span<const PeState> results, const GroupSide& side) {
  for (unsigned k = 0; k < sums_.size(); ++k) {
    const DequantResult product = dequantize(results[k], side.scales[k % array_.cols], side.scale_u8);
    sums_[k] = fp32_add(sums_[k], round_group(product));
  }
  if (side.tile_last) emit(side);
}

void ColumnSums::emit(const GroupSide& side) {
  for (unsigned i = 0; i < array_.rows_per_port(); ++i) {
    for (unsigned port = 0; port < array_.ports(); ++port) {
      for (unsigned c = 0; c < array_.cols; ++c) {
        std::uint32_t& sum = sums_[(port * array_.rows_per_port() + i) * array_.cols + c];
        set_bits(beat_, array_.value_offset(port, c), 32, fp32_multiply(sum, side.channel_scales[c]));
        sum = 0;
      }
    }
    trace_.append(beat_);
  }
}

}  // namespace subbyte::kernels
