#include <algorithm>

#include "kernels/parts/random_values.hpp"
#include "kernels/parts/tile_beat.hpp"

namespace subbyte::kernels {
namespace {

/// What stays the same over a group of one case.
struct GroupOfColumns {
  std::vector<std::vector<std::uint16_t>> activations;  ///< [row][element]
  std::vector<unsigned> selectors;
  std::vector<unsigned> zeros;
  std::vector<std::uint16_t> scales;
  bool scale_u8 = false;
};

class TileStimulus {
 public:
  TileStimulus(const TileParams& params, const RandomRequest& request)
      : params_(params), request_(request), layout_(params), random_(request.seed), beats_(layout_.shape.words()) {}

  void append_case() {
    std::vector<std::uint32_t> channel_scales(params_.cols);
    for (std::uint32_t& scale : channel_scales) {
      scale = draw_channel_scale(random_, request_.format.scaling.stored, request_.illegal);
    }
    const unsigned groups = 1 + random_.below(3);
    for (unsigned g = 0; g < groups; ++g) append_group(channel_scales, g + 1 == groups);
  }
  Beats take() { return std::move(beats_); }

 private:
  GroupOfColumns draw_group(unsigned length) {
    const quant::Format& format = request_.format;
    GroupOfColumns group;
    for (unsigned r = 0; r < params_.rows; ++r) {
      const ActivationKind kind = draw_kind(random_, request_.illegal && random_.percent(30));
      group.activations.push_back(draw_activations(random_, kind, length, request_.illegal));
    }
    const ScaleField first = draw_scale(random_, format.scaling.stored, request_.illegal);
    const auto stored = first.u8 ? quant::ScaleFormat::kU8BelowChannel : quant::ScaleFormat::kFp16;
    group.scale_u8 = first.u8;
    for (unsigned c = 0; c < params_.cols; ++c) {
      // A scale of the other kind is read as the beat's kind, because any 16 bits are legal to the unit.
      group.scales.push_back(draw_scale(random_, stored, request_.illegal).bits);
      group.selectors.push_back(random_.below(format.alphabet.selectors()));
      group.zeros.push_back(format.scaling.zero_point ? random_.below(1U << format.alphabet.code_bits) : 0);
    }
    return group;
  }

  void append_group(const std::vector<std::uint32_t>& channel_scales, bool last_group) {
    const unsigned lanes = params_.lanes;
    const unsigned length = draw_group_length(random_, static_cast<unsigned>(request_.format.scaling.group), lanes);
    const GroupOfColumns group = draw_group(length);
    for (unsigned first = 0; first < length; first += lanes) {
      const bool last = first + lanes >= length;
      const std::span<std::uint64_t> beat = beats_.append();
      fill_elements(beat, group, first, std::min(length - first, lanes));
      fill_columns(beat, group, channel_scales, last);
      // tile_last means nothing before the end of a group, and must not be taken there.
      const bool stray = request_.illegal && !last && random_.percent(20);
      layout_.set_flags(beat, group.scale_u8 != stray, last, last ? last_group : stray);
    }
  }

  void fill_elements(std::span<std::uint64_t> beat, const GroupOfColumns& group, unsigned first, unsigned count) {
    for (unsigned l = 0; l < count; ++l) {
      for (unsigned r = 0; r < params_.rows; ++r) layout_.set_activation(beat, r, l, group.activations[r][first + l]);
      for (unsigned c = 0; c < params_.cols; ++c) {
        layout_.set_code(beat, c, l, draw_code(random_, request_.format, request_.illegal));
      }
    }
  }

  void fill_columns(std::span<std::uint64_t> beat, const GroupOfColumns& group,
                    const std::vector<std::uint32_t>& channel_scales, bool last) {
    // Scales are sampled with a group's last beat alone; garbage before it must not be seen.
    const bool stray = request_.illegal && !last && random_.percent(20);
    const bool any_selector = request_.illegal && random_.percent(10);
    for (unsigned c = 0; c < params_.cols; ++c) {
      layout_.set_selector(beat, c, any_selector ? random_.below(4) : group.selectors[c]);
      layout_.set_zero(beat, c, any_selector ? random_.below(256) : group.zeros[c]);
      layout_.set_scale(beat, c, stray ? static_cast<std::uint16_t>(random_.next()) : group.scales[c]);
      layout_.set_channel_scale(beat, c, stray ? static_cast<std::uint32_t>(random_.next()) : channel_scales[c]);
    }
  }

  TileParams params_;
  const RandomRequest& request_;
  TileBeatLayout layout_;
  Random random_;
  Beats beats_;
};

}  // namespace

Stimulus bitserial_tile_random(const Parameters& parameters, const RandomRequest& request) {
  const TileParams p = TileParams::of(parameters);
  TileStimulus tiles(p, request);
  for (std::size_t i = 0; i < request.cases; ++i) tiles.append_case();
  return {random_config(p.encoder, request.format, request.seed, request.illegal), source_of(tiles.take()),
          request.stalls, request.cases};
}

}  // namespace subbyte::kernels
