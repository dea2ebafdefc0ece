#include <algorithm>

#include "kernels/parts/row_tile.hpp"

namespace subbyte::kernels {
namespace {

/// Draws bytes of one group: bell-shaped, uniform, at the ends of the range (sums that grow), cancelling, or mostly
/// zero.
std::vector<std::uint16_t> draw_bytes(Random& random, std::size_t count) {
  static constexpr std::uint8_t kEnds[] = {0x80, 0x7F, 0x81, 0x80};
  const unsigned kind = random.below(6);
  std::vector<std::uint16_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int bell = std::clamp(static_cast<int>(36 * random.gaussian()), -128, 127);
    const unsigned drawn = kind == 0                           ? static_cast<unsigned>(random.next())
                           : kind == 1                         ? kEnds[random.below(4)]
                           : kind == 2                         ? (random.percent(90) ? 0x80U : 0x7FU)
                           : kind == 3 && i >= (count + 1) / 2 ? 0U - bytes[i - (count + 1) / 2]
                           : kind == 4 && random.percent(70)   ? 0U
                                                               : static_cast<unsigned>(bell);
    bytes[i] = static_cast<std::uint8_t>(drawn);
  }
  return bytes;
}

/// What stays the same over a group of one case.
struct RandomGroup {
  std::vector<std::vector<std::uint16_t>> activations;  ///< [row][element]
  std::vector<unsigned> selectors;
  std::vector<unsigned> zeros;
  GroupSide side;
};

class RowTileStimulus {
 public:
  RowTileStimulus(const RowTileParams& params, const RandomRequest& request, unsigned planes)
      : params_(params),
        request_(request),
        planes_(planes),
        layout_(params),
        random_(request.seed),
        beats_(layout_.shape.words()) {}

  void append_case() {
    std::vector<std::uint32_t> channel_scales(params_.array.cols);
    for (std::uint32_t& scale : channel_scales) {
      scale = draw_channel_scale(random_, request_.format.scaling.stored, request_.illegal);
    }
    const unsigned groups = 1 + random_.below(3);
    for (unsigned g = 0; g < groups; ++g) append_group(channel_scales, g + 1 == groups);
  }
  Beats take() { return std::move(beats_); }

 private:
  std::vector<std::uint16_t> draw_row(unsigned length) {
    if (params_.kind.activations == RowActivations::kInt8) return draw_bytes(random_, length);
    const ActivationKind kind = draw_kind(random_, request_.illegal && random_.percent(30));
    return draw_activations(random_, kind, length, request_.illegal);
  }

  RandomGroup draw_group(unsigned length) {
    const quant::Format& format = request_.format;
    RandomGroup group;
    for (unsigned r = 0; r < params_.array.rows; ++r) group.activations.push_back(draw_row(length));
    const ScaleField first = draw_scale(random_, format.scaling.stored, request_.illegal);
    const auto stored = first.u8 ? quant::ScaleFormat::kU8BelowChannel : quant::ScaleFormat::kFp16;
    group.side.scale_u8 = first.u8;
    for (unsigned c = 0; c < params_.array.cols; ++c) {
      // A scale of the other kind is read as the beat's kind, because any 16 bits are legal to the unit.
      group.side.scales.push_back(draw_scale(random_, stored, request_.illegal).bits);
      group.selectors.push_back(random_.below(format.alphabet.selectors()));
      group.zeros.push_back(format.scaling.zero_point ? random_.below(1U << format.alphabet.code_bits) : 0);
    }
    return group;
  }

  void append_group(const std::vector<std::uint32_t>& channel_scales, bool last_group) {
    const unsigned lanes = params_.lanes;
    const auto longest = static_cast<unsigned>(std::min<std::size_t>(request_.format.scaling.group, 1024));
    const unsigned length = draw_group_length(random_, longest, lanes);
    RandomGroup group = draw_group(length);
    group.side.channel_scales = channel_scales;
    group.side.tile_last = last_group;
    for (unsigned first = 0; first < length; first += lanes) {
      for (unsigned plane = 0; plane < planes_; ++plane) {
        const bool last = first + lanes >= length && plane + 1 == planes_;
        append_beat(group, first, std::min(length - first, lanes), plane, last);
      }
    }
  }

  void append_beat(const RandomGroup& group, unsigned first, unsigned count, unsigned plane, bool last) {
    const std::span<std::uint64_t> beat = beats_.append();
    // Activations are taken with the first plane of a chunk alone; garbage beside the others must not be seen.
    const bool other = plane != 0 && request_.illegal && random_.percent(50);
    for (unsigned r = 0; r < params_.array.rows; ++r) {
      for (unsigned l = 0; l < count; ++l) {
        layout_.set_activation(beat, r, l,
                               other ? static_cast<std::uint16_t>(random_.next()) : group.activations[r][first + l]);
      }
    }
    for (unsigned c = 0; c < params_.array.cols; ++c) {
      const WeightDraw of{request_.format, group.selectors[c], group.zeros[c], request_.illegal};
      for (unsigned e = 0; e * params_.kind.lanes_per_element < count; ++e) {
        layout_.set_weight(beat, c, e, static_cast<std::uint8_t>(params_.kind.draw(random_, of)));
      }
    }
    set_side(beat, group.side, last, plane + 1 < planes_);
  }

  // Scales and tile_last are sampled with a group's last beat alone, group_last with a chunk's last plane alone;
  // garbage elsewhere must not be seen.
  void set_side(std::span<std::uint64_t> beat, const GroupSide& side, bool last, bool more_planes) {
    const bool stray = request_.illegal && !last && random_.percent(20);
    for (unsigned c = 0; c < params_.array.cols; ++c) {
      layout_.set_scale(beat, c, stray ? static_cast<std::uint16_t>(random_.next()) : side.scales[c]);
      layout_.set_channel_scale(beat, c, stray ? static_cast<std::uint32_t>(random_.next()) : side.channel_scales[c]);
    }
    layout_.set_flags(beat, side.scale_u8 != stray, last || (stray && more_planes), last ? side.tile_last : stray);
  }

  const RowTileParams& params_;
  const RandomRequest& request_;
  unsigned planes_;
  RowTileLayout layout_;
  Random random_;
  Beats beats_;
};

}  // namespace

Stimulus row_tile_random(const RowTileParams& params, const RandomRequest& request, std::vector<ConfigWrite> config) {
  RowTileStimulus tiles(params, request, params.kind.planes ? configured_planes(config) : 1);
  for (std::size_t i = 0; i < request.cases; ++i) tiles.append_case();
  return {std::move(config), source_of(tiles.take()), request.stalls, request.cases};
}

}  // namespace subbyte::kernels
