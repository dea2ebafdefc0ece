#include "kernels/core.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kernels/bitserial_tile.hpp"
#include "kernels/catalogue.hpp"
#include "kernels/contract/parameter_specs.hpp"
#include "kernels/core/core_check.hpp"
#include "kernels/core/core_format.hpp"

namespace subbyte::kernels {
namespace {

BeatShape input_shape(const Parameters& parameters) {
  const CoreParams params = CoreParams::of(parameters);
  return BeatShape({{"data", std::min(params.bus_bits(), 64U), std::max(1U, params.bus_bits() / 64)}});
}

BeatShape output_shape(const Parameters& parameters) { return CoreCommandLayout(CoreParams::of(parameters)).shape; }

/// The core in program order: words in, commands out.
class GoldenCore {
 public:
  GoldenCore(const CoreParams& params, const Parameters& parameters, const Stimulus& stimulus, TraceWindow window)
      : params_(params),
        tile_(unit(core_tile_unit(params.tile.kind))),
        tile_parameters_(core_tile_parameters(parameters)),
        stimulus_(stimulus),
        layer_(CoreLayer::of(stimulus.config)),
        unpack_(params_, layer_),
        commands_(params_),
        trace_(commands_.shape, false, window),
        results_(params_) {
    check_core_layer(params_, layer_);
    check_core_start(stimulus.config);
  }

  Trace run() {
    const std::uint32_t steps = layer_.steps();
    for (std::uint32_t j = 0; j < steps + 2; ++j) {
      if (j < steps) fetch(core_step(params_, layer_, j));
      if (j >= 2) write(core_step(params_, layer_, j - 2));
      if (j < steps) compute(core_step(params_, layer_, j));
    }
    for (unsigned cause = 0; cause < kCoreCauseCount; ++cause) command(CoreCommand::kReport, {cause, 0});
    return std::move(trace_);
  }

 private:
  template <typename Place>
  void read(const CoreTransfer& transfer, Place place) {
    if (transfer.words == 0) return;
    command(CoreCommand::kRead, transfer);
    std::vector<std::uint64_t> word(params_.words_per_beat());
    for (std::size_t w = 0; w < transfer.words; ++w) {
      if (next_ == stimulus_.input.count)
        throw std::invalid_argument("core: the stimulus has fewer words than the layer reads");
      stimulus_.input.fill(next_++, word);
      place(w, word);
    }
  }

  void fetch(const CoreStep& step) {
    read(step.activations,
         [&](std::uint64_t w, const auto& word) { place_activations(params_, step, w, word, activations_); });
    read(step.weights, [&](std::uint64_t w, const auto& word) { place_weights(params_, w, word, weights_); });
  }

  /// Runs the tiles of a step one by one, each over all of its chunks.
  void compute(const CoreStep& step) {
    results_.begin(step);
    for (unsigned y = 0; y < params_.tile_rows; ++y) {
      for (unsigned x = 0; x < params_.tile_cols; ++x) {
        const Trace trace = tile(step, y, x);
        for (std::uint64_t i = 0; i < trace.size(); ++i) results_.store(step, y, x, trace.beat(i));
      }
    }
  }

  Trace tile(const CoreStep& step, unsigned y, unsigned x) {
    Beats beats(unpack_.beat().words());
    const CoreOperands operands{weights_, activations_};
    CoreColumns columns = unpack_.reset_columns();
    for (CoreFields fields(params_, layer_, step); !fields.done(); fields.next()) {
      const CoreField& field = fields.field();
      if (field.kind != CoreFieldKind::kChunk)
        unpack_.read(field, operands, columns);
      else
        unpack_.fill(field, operands, columns, core_tokens(params_, layer_, step, field.t_tile), y, x, beats.append());
    }
    return tile_.golden(tile_parameters_, {tile_config(), source_of(std::move(beats)), {}, 0}, {});
  }

  std::vector<ConfigWrite> tile_config() const {
    std::vector<ConfigWrite> config;
    for (const ConfigWrite write : stimulus_.config)
      if (const auto seen = params_.tile.tile_write(write); seen && tile_.has_config) config.push_back(*seen);
    return config;
  }

  void write(const CoreStep& step) {
    if (!step.last_inputs) return;
    CoreTransfer row = step.first_row;
    for (std::uint32_t token = 0; token < step.tokens; ++token, row.address += layer_.output_row_words) {
      command(CoreCommand::kWrite, row);
      for (std::uint32_t w = 0; w < row.words; ++w) {
        std::vector<std::uint64_t> beat(commands_.shape.words());
        commands_.set(beat, CoreCommand::kData, {});
        results_.word(step, token, w, beat, commands_.data);
        trace_.append(beat);
      }
    }
  }

  void command(CoreCommand kind, const CoreTransfer& transfer) {
    std::vector<std::uint64_t> beat(commands_.shape.words());
    commands_.set(beat, kind, transfer);
    trace_.append(beat);
  }

  CoreParams params_;
  const UnitInfo& tile_;
  Parameters tile_parameters_;
  const Stimulus& stimulus_;
  CoreLayer layer_;
  CoreUnpack unpack_;
  CoreCommandLayout commands_;
  Trace trace_;
  CoreWeightHalf weights_;
  CoreActivationHalf activations_;
  CoreResults results_;
  std::size_t next_ = 0;
};

/// A format that the tile runs can have codes that it takes only decoded, by software or beside the tile.
std::optional<Refusal> core_unsupported(const Parameters& parameters, const quant::Format& format) {
  const CoreTile tile = CoreTile::of(parameters);
  if (auto why = unit(core_tile_unit(tile.kind)).unsupported(core_tile_parameters(parameters), format)) return why;
  return core_codes_unsupported(tile, format);
}

Work core_work(const Parameters& p) {
  const auto kind = static_cast<CoreTileKind>(p.at("tile"));
  const bool terms = kind == CoreTileKind::kBitserial;
  const auto macs =
      static_cast<double>(p.at("rows") * p.at("cols") * p.at("tile_rows") * p.at("tile_cols") * p.at("lanes"));
  return {terms ? macs / 2 : macs, 0, terms ? "FP16 x two terms (bitmod-fp4)" : "activation x weight"};
}

void add_points(UnitInfo& info) {
  const Parameters small{{"rows", 2}, {"cols", 2}, {"tile_rows", 2}, {"lanes", 4}, {"bus_bytes", 8}};
  info.points = {
      resolve(info, {}),
      resolve(info, {{"rows", 2}, {"cols", 2}, {"tile_rows", 2}, {"tile_cols", 2}, {"lanes", 2}, {"bus_bytes", 8}}),
      resolve(info, {{"rows", 1}, {"cols", 4}, {"lanes", 8}, {"table_terms", 4}, {"bus_bytes", 4}})};
  const auto add = [&](CoreTileKind tile, const Parameters& more) {
    Parameters point = small;
    point["tile"] = static_cast<std::int64_t>(tile);
    for (const auto& [name, value] : more) point[name] = value;
    info.points.push_back(resolve(info, point));
  };
  add(CoreTileKind::kFp16Mac, {{"rows", 3}, {"lanes", 1}, {"tile_cols", 2}});
  add(CoreTileKind::kInt8Mac, {{"lanes", 2}, {"tile_cols", 2}, {"acc_width", 24}});
  add(CoreTileKind::kFp16Int8Mac, {{"rows", 1}});
  add(CoreTileKind::kTernary, {{"sparse", 1}});
  add(CoreTileKind::kTernary, {{"sparse", 0}, {"act_int8", 1}, {"tile_cols", 2}});
  add(CoreTileKind::kDequantMac, {{"rows", 3}, {"lanes", 1}, {"tile_cols", 2}});
  add(CoreTileKind::kPlane, {{"tile_cols", 2}});
}

}  // namespace

Trace core_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return GoldenCore(CoreParams::of(parameters), parameters, stimulus, window).run();
}

UnitInfo core_info() {
  UnitInfo info;
  info.name = "core";
  info.summary = "a machine for whole layers: memory ports, double buffers, an array of tiles";
  info.case_is = "one output tile of a layer";
  info.parameters = bitserial_tile_info().parameters;
  for (const ParameterSpec& more :
       {spec("tile", 0, 0, kCoreTileKinds - 1,
             "the tile: 0 bitserial, 1 fp16_mac, 2 int8_mac, 3 fp16_int8_mac, 4 ternary, 5 dequant_mac, 6 plane; it "
             "ignores what it has not"),
        spec("sparse", 1, 0, 1, "as in ternary_tile"), spec("act_int8", 0, 0, 1, "as in ternary_tile"),
        spec("tile_rows", 1, 1, 8, "tiles side by side with tokens of their own"),
        spec("tile_cols", 1, 1, 8, "tiles side by side with outputs of their own"),
        spec("bus_bytes", 16, 4, 64, "bytes of a word of the memory's bus: a power of two, at most 4 per column"),
        spec("weight_kib", 4, 1, 4096, "both halves of the weight buffer in KiB"),
        spec("activation_kib", 4, 1, 4096, "both halves of the activation buffers in KiB"),
        spec("output_kib", 4, 1, 4096, "both halves of the output buffer in KiB")})
    info.parameters.push_back(more);
  add_points(info);
  info.small_point = {{"rows", 1},      {"cols", 1},       {"lanes", 1},          {"align_bits", 2}, {"acc_width", 8},
                      {"bus_bytes", 4}, {"weight_kib", 1}, {"activation_kib", 1}, {"output_kib", 1}};
  info.work_per_cycle = core_work;
  info.has_config = true;
  info.memories = true;
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = core_golden;
  info.random = core_random;
  info.unsupported = core_unsupported;
  return info;
}

}  // namespace subbyte::kernels
