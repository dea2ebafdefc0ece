#include "models/bitserial_tile.hpp"

#include <array>
#include <cstring>

#include "kernels/tile_beat.hpp"
#include "models/bitserial_pe.hpp"
#include "models/column_accumulator.hpp"
#include "models/group_dequant.hpp"
#include "models/stream.hpp"
#include "models/term_encoder.hpp"

namespace subbyte::models {
namespace {

/// What a group carries beside its codes, from the handshake of its last term to the column accumulators.
struct GroupMeta {
  std::vector<std::uint16_t> scale;
  std::vector<std::uint32_t> channel_scale;
  bool scale_u8 = false;
  bool tile_last = false;
};

/// Two entries that stay where they are. The valid bits of the stages beside it bound how many are in use.
class MetaQueue {
 public:
  const GroupMeta& front() const { return entries_[head_]; }
  GroupMeta& push() { return entries_[(head_ + count_++) & 1]; }
  void pop() {
    head_ ^= 1;
    --count_;
  }

 private:
  std::array<GroupMeta, 2> entries_;
  unsigned head_ = 0;
  unsigned count_ = 0;
};

// PEs, group_dequants of one row and column accumulators move in lock-step across columns and ports, so
// control exists once per row of a port and data once per PE.
class BitserialTile {
 public:
  BitserialTile(const kernels::Parameters& parameters, kernels::PeArrayPath path)
      : params_(kernels::TileParams::of(parameters)),
        in_(params_),
        drain_rows_(params_.rows_per_port()),
        width_(params_.ports() * params_.cols),
        encoder_table_(params_.encoder),
        array_(params_.pe, params_.rows, params_.cols, path),
        columns_(drain_rows_, width_),
        slots_(kernels::bitserial_tile_info().output_shape(parameters).words()),
        activations_(params_.rows * params_.lanes),
        lane_terms_(params_.cols * params_.lanes),
        terms_(params_.cols * params_.lanes),
        work_(params_.rows * params_.cols),
        products_(params_.rows * params_.cols) {}

  Outputs settle(const Inputs& inputs) {
    columns_ready_ = columns_.in_ready(inputs.out_ready);
    dequants_ready_ = true;
    for (unsigned i = 0; i < drain_rows_; ++i) dequants_ready_ &= dequants_[i].in_ready(row_taken(i));
    pes_ready_ = pes_.in_ready(dequants_ready_);
    return {pes_ready_ && encoder_.last(encoder_table_.terms()), columns_.out_valid(), slots_.current()};
  }

  // Downstream first: every part reads what its predecessor held before the edge.
  void edge(const Inputs& inputs) {
    const bool row_moved = edge_columns(inputs.out_ready);
    edge_dequants();
    if (row_moved) next_row();
    if (pes_.out_valid() && dequants_ready_) start_dequants();
    edge_pes(inputs);
  }

  void configure(kernels::ConfigWrite write) { encoder_table_.configure(write); }

 private:
  bool row_taken(unsigned row) const { return row == drain_row_ && columns_ready_; }

  bool edge_columns(bool out_ready) {
    const ColumnAccumulators::Moves moves =
        columns_.edge(dequants_[drain_row_].out_valid(), dequant_meta_.front().tile_last, out_ready);
    if (moves.output)
      std::memcpy(slots_.next().data(), columns_.out().data(), width_ * sizeof(std::uint32_t));
    if (!moves.load) return false;
    const std::span<std::uint32_t> value = columns_.stage1_value();
    const std::span<std::uint32_t> scale = columns_.stage1_scale();
    for (unsigned k = 0; k < width_; ++k) {
      value[k] = kernels::round_group(products_[drain_row_ * width_ + k]);
      scale[k] = dequant_meta_.front().channel_scale[k % params_.cols];
    }
    return true;
  }

  void edge_dequants() {
    const bool start = pes_.out_valid() && dequants_ready_;
    const unsigned scale_bits = start ? kernels::scale_significand(0, pe_meta_.front().scale_u8).bits : 0;
    for (unsigned i = 0; i < drain_rows_; ++i) {
      const bool finish = dequants_[i].edge(start, scale_bits, row_taken(i)).finish;
      if (finish) std::copy_n(work_.begin() + i * width_, width_, products_.begin() + i * width_);
    }
  }

  void next_row() {
    drain_row_ = drain_row_ + 1 == drain_rows_ ? 0 : drain_row_ + 1;
    if (drain_row_ == 0) dequant_meta_.pop();
  }

  // Products are stored [row of a port][port][column]: the order in which they drain.
  void start_dequants() {
    const GroupMeta& meta = pe_meta_.front();
    for (unsigned r = 0; r < params_.rows; ++r) {
      const unsigned port = r / drain_rows_;
      kernels::DequantResult* row = work_.data() + (r % drain_rows_) * width_ + port * params_.cols;
      for (unsigned c = 0; c < params_.cols; ++c) {
        row[c] = kernels::dequantize(array_.result(r, c), meta.scale[c], meta.scale_u8);
      }
    }
    dequant_meta_.push() = meta;
    pe_meta_.pop();
  }

  void edge_pes(const Inputs& inputs) {
    const std::span<const std::uint64_t> beat{inputs.in_data, in_.shape.words()};
    const bool last = inputs.in_valid && encoder_.last(encoder_table_.terms()) &&
                      kernels::get_bits(beat, in_.group_last, 1) != 0;
    const PeControl::Moves moves = pes_.edge(inputs.in_valid, last, dequants_ready_);
    if (moves.accumulate) array_.accumulate(moves.finish);
    if (!moves.load) return;
    if (encoder_.term() == 0) take_beat(beat);
    for (std::size_t i = 0; i < terms_.size(); ++i) terms_[i] = lane_terms_[i][encoder_.term()];
    array_.align(activations_, terms_);
    if (last) take_meta(beat);
    encoder_.edge(true, encoder_table_.terms());
  }

  void take_beat(std::span<const std::uint64_t> beat) {
    for (std::size_t i = 0; i < activations_.size(); ++i) {
      activations_[i] = static_cast<std::uint16_t>(beat[i / 4] >> (i % 4 * 16));
    }
    for (unsigned c = 0; c < params_.cols; ++c) {
      const auto selector = static_cast<unsigned>(kernels::get_bits(beat, in_.selector + 2 * c, 2));
      const auto zero = static_cast<unsigned>(kernels::get_bits(beat, in_.zero + 8 * c, 8));
      for (unsigned i = c * params_.lanes; i < (c + 1) * params_.lanes; ++i) {
        const auto code = static_cast<unsigned>(kernels::get_bits(beat, in_.code + 8 * i, 8));
        lane_terms_[i] = encoder_table_.terms_of(code, selector, zero).data();
      }
    }
  }

  void take_meta(std::span<const std::uint64_t> beat) {
    GroupMeta& meta = pe_meta_.push();
    meta.scale.resize(params_.cols);
    meta.channel_scale.resize(params_.cols);
    for (unsigned c = 0; c < params_.cols; ++c) {
      meta.scale[c] = static_cast<std::uint16_t>(kernels::get_bits(beat, in_.scale + 16 * c, 16));
      meta.channel_scale[c] =
          static_cast<std::uint32_t>(kernels::get_bits(beat, in_.channel_scale + 32 * c, 32));
    }
    meta.scale_u8 = kernels::get_bits(beat, in_.scale_u8, 1) != 0;
    meta.tile_last = kernels::get_bits(beat, in_.tile_last, 1) != 0;
  }

  kernels::TileParams params_;
  kernels::TileBeatLayout in_;
  unsigned drain_rows_;  ///< rows of a port
  unsigned width_;       ///< values that drain in one cycle: ports x columns

  EncoderControl encoder_;
  EncoderMemory encoder_table_;
  PeControl pes_;
  kernels::PeArray array_;
  std::array<DequantControl, 8> dequants_;  ///< one per row of a port
  unsigned drain_row_ = 0;
  MetaQueue pe_meta_;       ///< "meta A"
  MetaQueue dequant_meta_;  ///< "meta B"
  ColumnAccumulators columns_;
  OutputSlots slots_;

  bool columns_ready_ = false;
  bool dequants_ready_ = false;
  bool pes_ready_ = false;

  std::vector<std::uint16_t> activations_;
  std::vector<const std::uint8_t*> lane_terms_;  ///< per column and lane: all terms of the current code
  std::vector<kernels::TermBits> terms_;
  std::vector<kernels::DequantResult> work_;
  std::vector<kernels::DequantResult> products_;
};

}  // namespace

kernels::Trace bitserial_tile_on(kernels::PeArrayPath path, const kernels::Parameters& parameters,
                                 const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return run_unit<BitserialTile>(kernels::bitserial_tile_info(), parameters, stimulus, window, path);
}

kernels::Trace bitserial_tile_systemc(const kernels::Parameters& parameters,
                                      const kernels::Stimulus& stimulus, kernels::TraceWindow window) {
  return bitserial_tile_on(kernels::PeArrayPath::kSimd, parameters, stimulus, window);
}

}  // namespace subbyte::models
