#include <algorithm>
#include <stdexcept>

#include "kernels/core.hpp"
#include "kernels/core/core_format.hpp"
#include "kernels/fp4_dequant.hpp"
#include "kernels/parts/random_config.hpp"
#include "kernels/parts/random_values.hpp"

namespace subbyte::kernels {
namespace {

constexpr unsigned kMostInputs = 300;

/// Draws a layer whose tiles fit the buffers, in random blocks.
class LayerStimulus {
 public:
  LayerStimulus(const CoreParams& params, const RandomRequest& request)
      : params_(params), request_(request), random_(request.seed ^ 0xC0DE) {}

  Stimulus make() {
    draw_shape();
    const CoreLayer layer = core_layer(params_, shape_, draw_blocks());
    std::vector<ConfigWrite> config = draw_tile_config();
    scale_byte_ = fp4_config_of(config).scale_format;
    std::vector<ConfigWrite> writes = layer.writes();
    if (params_.tile.planes() && request_.illegal) writes.insert(writes.begin(), {0, random_.below(10)});  // not seen
    shuffle(random_, std::span(writes).first(writes.size() - 1));
    config.insert(config.end(), writes.begin(), writes.end());
    const std::vector<std::uint16_t> tokens = draw_tokens();
    return {config, core_reads(params_, layer, core_memory(params_, shape_, layer, draw_weights(), tokens)),
            request_.stalls, token_tiles_ * output_tiles_, core_commands(params_, layer)};
  }

 private:
  void draw_shape() {
    const quant::Format& format = request_.format;
    shape_ = core_shape(params_.tile, format);
    scale_kind_ = quant::ScaleFormat::kFp16;
    if (params_.tile.scales()) {
      const bool u8 = draw_scale(random_, format.scaling.stored, request_.illegal).u8;
      if (u8) scale_kind_ = quant::ScaleFormat::kU8BelowChannel;
      if (u8) shape_.scale_bits = 8;
      shape_.channel = u8 || random_.percent(20);
    }
    shape_.group = draw_group_length(random_, static_cast<unsigned>(format.scaling.group), params_.tile.lanes);
    const unsigned rest = random_.percent(50) ? random_.below(static_cast<unsigned>(shape_.group)) : 0;
    shape_.inputs = std::min<std::size_t>(shape_.group * (1 + random_.below(3)) + rest, kMostInputs);
    const std::size_t step = params_.tile.lanes_per_code;  // a code belongs to one group
    shape_.group = (std::min(shape_.group, shape_.inputs) + step - 1) / step * step;
    while (!fits(1, 1, 1)) {
      if (shape_.group == step) throw std::invalid_argument("core: the buffers do not hold one tile of one code");
      shape_.group = (shape_.group / step + 1) / 2 * step;
    }
    shape_.group = std::min(shape_.group, shape_.inputs);
    token_tiles_ = 1 + random_.below(static_cast<unsigned>(std::min<std::size_t>(request_.cases, 4)));
    output_tiles_ = (request_.cases + token_tiles_ - 1) / token_tiles_;
    shape_.tokens = (token_tiles_ - 1) * params_.rows() + 1 + random_.below(params_.rows());
    shape_.outputs = (output_tiles_ - 1) * params_.cols() + 1 + random_.below(params_.cols());
  }

  std::vector<ConfigWrite> draw_tile_config() {
    std::vector<ConfigWrite> config;
    if (params_.tile.encodes())
      config = random_config(params_.tile.encoder, request_.format, request_.seed, request_.illegal);
    if (params_.tile.dequantizes()) config = fp4_random_config(request_.format, request_.seed, request_.illegal);
    // Stray writes to the table must not be writes to the core's own registers.
    std::erase_if(config, [](const ConfigWrite& write) { return write.address >= kCoreRegisters; });
    return config;
  }

  /// Whether a block of so many tiles and groups fits the buffers.
  bool fits(std::size_t output_tiles, std::size_t token_tiles, std::size_t groups) const {
    const CoreWords words = core_words(params_, core_slice(shape_, 0, groups));
    return output_tiles * words.weight_tile <= params_.weight_words() &&
           token_tiles * words.activation_row <= params_.activation_words() &&
           output_tiles * token_tiles * params_.rows() <= params_.output_rows();
  }

  CoreBlocks draw_blocks() {
    CoreBlocks blocks;
    blocks.weights_outer = random_.percent(50);
    blocks.groups = random_.percent(50) ? shape_.groups() : 1 + random_.below(static_cast<unsigned>(shape_.groups()));
    while (!fits(1, 1, blocks.groups)) --blocks.groups;
    const auto grow = [&](std::size_t& tiles, std::size_t most) {
      for (std::size_t wanted = 1 + random_.below(static_cast<unsigned>(most)); tiles < wanted; ++tiles) {
        ++tiles;
        const bool good = fits(blocks.output_tiles, blocks.token_tiles, blocks.groups);
        --tiles;
        if (!good) return;
      }
    };
    grow(blocks.output_tiles, std::min<std::size_t>(output_tiles_, 8));
    grow(blocks.token_tiles, token_tiles_);
    return blocks;
  }

  std::vector<std::uint16_t> draw_tokens() {
    std::vector<std::uint16_t> tokens;
    for (std::size_t t = 0; t < shape_.tokens; ++t) {
      const auto row = draw_row();
      tokens.insert(tokens.end(), row.begin(), row.end());
    }
    return tokens;
  }

  /// FP16 patterns, or bytes.
  std::vector<std::uint16_t> draw_row() {
    const ActivationKind kind = draw_kind(random_, request_.illegal && random_.percent(30));
    auto row = draw_activations(random_, kind, shape_.inputs, request_.illegal);
    if (params_.tile.activation_bits == 8)
      for (std::uint16_t& value : row) value = static_cast<std::uint16_t>(random_.below(256));
    return row;
  }

  /// A row of the image's codes; of a ternary tile's two bits or five every pattern is legal.
  std::vector<std::uint16_t> draw_codes() {
    const CoreTile& tile = params_.tile;
    if (!tile.grouped()) return draw_row();
    std::vector<std::uint16_t> codes((shape_.inputs + tile.lanes_per_code - 1) / tile.lanes_per_code);
    const unsigned mask = (1U << shape_.code_bits) - 1;
    const bool any = tile.kind == CoreTileKind::kTernary;
    const unsigned patterns = tile.fives(shape_.code_bits) ? 3 : mask + 1;
    for (std::uint16_t& code : codes)
      code = static_cast<std::uint16_t>(any ? random_.below(patterns)
                                            : draw_code(random_, request_.format, request_.illegal) & mask);
    return codes;
  }

  std::uint16_t draw_scale_field() {
    if (params_.tile.dequantizes()) return fp4_random_scale(random_, scale_byte_, request_.illegal);
    return draw_scale(random_, scale_kind_, request_.illegal && shape_.scale_bits == 16).bits;
  }

  CoreWeights draw_weights() {
    const quant::Format& format = request_.format;
    CoreWeights weights;
    for (std::size_t i = 0; i < shape_.outputs; ++i) {
      const auto codes = draw_codes();
      weights.codes.insert(weights.codes.end(), codes.begin(), codes.end());
    }
    for (std::size_t i = 0; i < shape_.outputs * shape_.groups(); ++i) {
      weights.scales.push_back(draw_scale_field());
      weights.selectors.push_back(static_cast<std::uint8_t>(random_.below(format.alphabet.selectors())));
      weights.zeros.push_back(static_cast<std::uint8_t>(random_.below(1U << shape_.code_bits)));
    }
    for (std::size_t i = 0; i < shape_.outputs; ++i)
      weights.channels.push_back(draw_channel_scale(random_, format.scaling.stored, request_.illegal));
    return weights;
  }

  const CoreParams& params_;
  const RandomRequest& request_;
  Random random_;
  CoreShape shape_;
  quant::ScaleFormat scale_kind_ = quant::ScaleFormat::kFp16;
  Fp4Scale scale_byte_ = Fp4Scale::kUe4m3;  ///< of dequant_mac_tile
  std::size_t token_tiles_ = 1, output_tiles_ = 1;
};

}  // namespace

Stimulus core_random(const Parameters& parameters, const RandomRequest& request) {
  const CoreParams params = CoreParams::of(parameters);
  return LayerStimulus(params, request).make();
}

}  // namespace subbyte::kernels
