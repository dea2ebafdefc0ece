#include "kernels/core.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kernels/bitserial_tile.hpp"
#include "kernels/contract/parameter_specs.hpp"

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
        parameters_(parameters),
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
    Beats beats(unpack_.layout().shape.words());
    const CoreOperands operands{weights_, activations_};
    CoreColumns columns = unpack_.reset_columns();
    for (CoreFields fields(params_, layer_, step); !fields.done(); fields.next()) {
      const CoreField& field = fields.field();
      if (field.kind != CoreFieldKind::kChunk)
        unpack_.read(field, operands, columns);
      else
        unpack_.fill(field, operands, columns, core_tokens(params_, layer_, step, field.t_tile), y, x, beats.append());
    }
    return bitserial_tile_golden(parameters_, {stimulus_.config, source_of(std::move(beats)), {}, 0}, {});
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
  const Parameters& parameters_;
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

void fits(const char* what, std::uint64_t needed, std::uint64_t there, const char* parameter) {
  if (needed <= there) return;
  throw std::invalid_argument("core: a block's " + std::string(what) + " are " + std::to_string(needed) +
                              ", and half of the buffer holds " + std::to_string(there) +
                              ": expected smaller blocks or a larger " + parameter);
}

void expect(bool holds, const char* what) {
  if (!holds)
    throw std::invalid_argument("core: the registers of the layer say something impossible: " + std::string(what));
}

/// What the registers must say together.
void check_counts(const CoreParams& params, const CoreLayer& layer) {
  for (const std::uint32_t count :
       {layer.t_blocks, layer.n_blocks, layer.k_blocks, layer.t_tiles, layer.t_tiles_last, layer.n_tiles,
        layer.n_tiles_last, layer.tokens_last, layer.activation_row_words, layer.activation_row_words_last,
        layer.weight_tile_words, layer.weight_tile_words_last, layer.output_row_words, layer.output_last_words,
        layer.groups, layer.groups_last, layer.chunks, layer.chunks_last, layer.group})
    expect(count > 0, "a count of 0");
  expect(std::uint64_t{layer.t_blocks} * layer.n_blocks < kMostCoreSteps &&
             std::uint64_t{layer.t_blocks} * layer.n_blocks * layer.k_blocks < kMostCoreSteps,
         "2^24 steps or more");
  expect(layer.tokens_last <= params.rows(), "more tokens in a tile than rows");
  for (const unsigned tail : {layer.tail, layer.tail_last})
    expect(tail > 0 && tail <= params.tile.lanes, "other inputs in a last chunk than 1 .. lanes");
  const auto tokens = std::uint64_t{layer.t_tiles_last - 1} * params.rows() + layer.tokens_last;
  const std::uint64_t full = std::uint64_t{layer.t_tiles} * params.rows();
  for (const bool last_k : {false, true}) {
    if (!last_k && layer.k_blocks == 1) continue;
    const std::uint64_t row = last_k ? layer.activation_row_words_last : layer.activation_row_words;
    const std::uint64_t tile = last_k ? layer.weight_tile_words_last : layer.weight_tile_words;
    expect(layer.activation_words[1][last_k ? 1 : 0] == tokens * row &&
               (layer.t_blocks == 1 || layer.activation_words[0][last_k ? 1 : 0] == full * row),
           "other words of activations in a block than its tiles have");
    expect(layer.weight_words[1][last_k ? 1 : 0] == layer.n_tiles_last * tile &&
               (layer.n_blocks == 1 || layer.weight_words[0][last_k ? 1 : 0] == layer.n_tiles * tile),
           "other words of weights in a block than its tiles have");
  }
}

}  // namespace

void check_core_layer(const CoreParams& params, const CoreLayer& layer) {
  if (layer.code_bits == 0 || layer.code_bits > 8)
    throw std::invalid_argument("core: code_bits is " + std::to_string(layer.code_bits) + ", expected 1..8");
  if (layer.zero_bits > 8 || layer.selector_bits % 2 != 0)
    throw std::invalid_argument("core: zero_bits is " + std::to_string(layer.zero_bits) + " and selector_bits " +
                                std::to_string(layer.selector_bits) + ", expected 0..8, and 0 or 2");
  check_counts(params, layer);
  const std::uint64_t t_tiles = std::max(layer.t_tiles, layer.t_tiles_last);
  const std::uint64_t n_tiles = std::max(layer.n_tiles, layer.n_tiles_last);
  const auto larger = [&](std::uint64_t words, std::uint64_t last) {
    return layer.k_blocks > 1 ? std::max(words, last) : last;
  };
  fits("words of activations per row", t_tiles * larger(layer.activation_row_words, layer.activation_row_words_last),
       params.activation_words(), "activation_kib");
  fits("words of weights", n_tiles * larger(layer.weight_tile_words, layer.weight_tile_words_last),
       params.weight_words(), "weight_kib");
  fits("rows of results", n_tiles * t_tiles * params.rows(), params.output_rows(), "output_kib");
}

void check_core_start(const std::vector<ConfigWrite>& writes) {
  const auto starts = std::ranges::count(writes, kCoreStart, &ConfigWrite::address);
  if (starts == 1 && writes.back().address == kCoreStart) return;
  throw std::invalid_argument("core: the configuration has " + std::to_string(starts) +
                              " starts, expected one, as the last write");
}

Trace core_golden(const Parameters& parameters, const Stimulus& stimulus, TraceWindow window) {
  return GoldenCore(CoreParams::of(parameters), parameters, stimulus, window).run();
}

UnitInfo core_info() {
  const UnitInfo tile = bitserial_tile_info();
  UnitInfo info;
  info.name = "core";
  info.summary = "a machine for whole layers: memory ports, double buffers, an array of bit-serial tiles";
  info.case_is = "one output tile of a layer";
  info.parameters = tile.parameters;
  for (const ParameterSpec& more :
       {spec("tile_rows", 1, 1, 8, "tiles side by side with tokens of their own"),
        spec("tile_cols", 1, 1, 8, "tiles side by side with outputs of their own"),
        spec("bus_bytes", 16, 4, 64, "bytes of a word of the memory's bus: a power of two, at most 4 per column"),
        spec("weight_kib", 4, 1, 4096, "both halves of the weight buffer in KiB"),
        spec("activation_kib", 4, 1, 4096, "both halves of the activation buffers in KiB"),
        spec("output_kib", 4, 1, 4096, "both halves of the output buffer in KiB")})
    info.parameters.push_back(more);
  info.points = {
      resolve(info, {}),
      resolve(info, {{"rows", 2}, {"cols", 2}, {"tile_rows", 2}, {"tile_cols", 2}, {"lanes", 2}, {"bus_bytes", 8}}),
      resolve(info, {{"rows", 1}, {"cols", 4}, {"lanes", 8}, {"table_terms", 4}, {"bus_bytes", 4}})};
  info.small_point = {{"rows", 1},      {"cols", 1},       {"lanes", 1},          {"align_bits", 2}, {"acc_width", 8},
                      {"bus_bytes", 4}, {"weight_kib", 1}, {"activation_kib", 1}, {"output_kib", 1}};
  info.work_per_cycle = [](const Parameters& p) {
    return Work{
        static_cast<double>(p.at("rows") * p.at("cols") * p.at("tile_rows") * p.at("tile_cols") * p.at("lanes")) / 2, 0,
        "FP16 x two terms (bitmod-fp4)"};
  };
  info.has_config = true;
  info.memories = true;
  info.input_shape = input_shape;
  info.output_shape = output_shape;
  info.golden = core_golden;
  info.random = core_random;
  info.unsupported = tile.unsupported;
  return info;
}

}  // namespace subbyte::kernels
