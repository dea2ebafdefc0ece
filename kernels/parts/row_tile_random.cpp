#include <algorithm>
#include <array>

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

constexpr unsigned kLargestField = 30;  // of a finite FP16

std::uint16_t any_sign(Random& random, unsigned magnitude) {
  return static_cast<std::uint16_t>((random.next() & 0x8000U) | magnitude);
}

/// Draws an infinity, or a NaN with one bit of its fraction set.
std::uint16_t draw_nonfinite(Random& random) {
  const unsigned fraction = random.percent(30) ? 0 : 1U << random.below(10);
  return any_sign(random, (kLargestField + 1) << 10 | fraction);
}

/// Draws values that lie close together, around any magnitude: every exponent field is a row's largest.
std::vector<std::uint16_t> draw_close(Random& random, std::size_t count) {
  const unsigned largest = 1 + random.below(kLargestField);
  std::vector<std::uint16_t> values(count);
  for (std::uint16_t& value : values) {
    const unsigned below = random.below(4);
    value = any_sign(random, (largest - std::min(largest, below)) << 10 | random.below(1U << 10));
  }
  return values;
}

/// Draws beats with a large value in lane `large` and, mostly in one other lane alone, values of one or two significant
/// bits. Alignment shifts these out in part or as a whole, and each bit in turn is all that is lost.
std::vector<std::uint16_t> draw_lone_bits(Random& random, std::size_t count, unsigned lanes, unsigned large) {
  std::vector<std::uint16_t> values(count);
  unsigned largest = 1 + random.below(kLargestField);
  for (std::size_t first = 0; first < count; first += lanes) {
    if (random.percent(25)) largest = 1 + random.below(kLargestField);
    const bool alone = random.percent(60);
    const unsigned lone_lane = random.below(lanes);
    for (unsigned lane = 0; lane < lanes && first + lane < count; ++lane) {
      const unsigned bit = 1U << random.below(10);
      const unsigned field = random.percent(80) ? 0 : random.below(largest);
      const bool zero = alone ? lane != lone_lane : random.percent(60);
      values[first + lane] = any_sign(random, lane == large ? largest << 10 : zero ? 0 : field << 10 | bit);
    }
  }
  return values;
}

/// What stays the same over a group of one case.
struct RandomGroup {
  /// The lane whose weights are 0 where the format can say so; none when it is not below the lanes. What its
  /// activations, the largest of their rows, leave of the others in alignment is all that is summed then.
  unsigned silent_lane = ~0U;
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
  // What no mapping sends is drawn with `illegal` alone, and so are the rows that aim at alignment: energies are
  // measured on the other draws, which stay as they are.
  std::vector<std::uint16_t> draw_row(unsigned length, unsigned silent_lane) {
    if (params_.kind.activations == RowActivations::kInt8) return draw_bytes(random_, length);
    if (silent_lane < params_.lanes) return draw_lone_bits(random_, length, params_.lanes, silent_lane);
    if (request_.illegal && random_.percent(8)) return draw_close(random_, length);
    const ActivationKind kind = draw_kind(random_, request_.illegal && random_.percent(30));
    auto row = draw_activations(random_, kind, length, request_.illegal);
    if (request_.illegal && random_.percent(6)) row[random_.below(length)] = draw_nonfinite(random_);
    return row;
  }

  RandomGroup draw_group(unsigned length) {
    const quant::Format& format = request_.format;
    RandomGroup group;
    const bool aligned = params_.kind.activations == RowActivations::kFp16;
    if (aligned && request_.illegal && random_.percent(16)) group.silent_lane = random_.below(params_.lanes);
    for (unsigned r = 0; r < params_.array.rows; ++r) group.activations.push_back(draw_row(length, group.silent_lane));
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
        layout_.set_weight(beat, c, e, draw_weight(of, e, group.silent_lane));
      }
    }
    set_side(beat, group.side, last, plane + 1 < planes_);
  }

  std::uint8_t draw_weight(const WeightDraw& of, unsigned element, unsigned silent_lane) {
    constexpr unsigned kTries = 16;  // a code of four weights with one zero takes four of them
    const unsigned lanes = params_.kind.lanes_per_element;
    std::array<std::int8_t, 4> integers{};
    unsigned drawn = params_.kind.draw(random_, of);
    for (unsigned i = 0; silent_lane / lanes == element && i < kTries; ++i) {
      params_.kind.integers(drawn, integers.data());
      if (integers.at(silent_lane % lanes) == 0) break;
      drawn = params_.kind.draw(random_, of);
    }
    return static_cast<std::uint8_t>(drawn);
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
