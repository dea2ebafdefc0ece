#include <algorithm>
#include <cmath>

#include "kernels/parts/block_dot.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/formats/scale_format.hpp"

namespace subbyte::kernels {
namespace {

using Codes = std::array<std::uint8_t, kMaxBlock>;

/// Says where the values of a run of blocks lie.
enum class ScaleKind : std::uint8_t { kUsual, kUnderflow, kOverflow, kAny };

unsigned bit_length(Int128 value) {
  unsigned length = 0;
  for (UInt128 rest = value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value); rest != 0; rest >>= 1)
    ++length;
  return length;
}

class BlockSource {
 public:
  BlockSource(const BlockDraw& draw, const RandomRequest& request)
      : draw_(draw),
        info_(element_info(draw.layout.element)),
        illegal_(request.illegal),
        random_(request.seed),
        beats_(draw.layout.shape().words()) {}

  Stimulus stimulus(const RandomRequest& request) {
    for (std::size_t i = 0; i < request.cases * kResultsPerCase; ++i) {
      const unsigned draw = random_.below(100);
      append_run(draw < 45 ? 1 + random_.below(2) : draw < 93 ? 1 + random_.below(8) : 1 + random_.below(40), true);
    }
    if (illegal_) append_run(1 + random_.below(3), false);
    return {{}, source_of(std::move(beats_)), request.stalls, request.cases};
  }

 private:
  unsigned mask() const { return (1U << info_.bits) - 1; }
  unsigned sign() const { return 1U << (info_.bits - 1); }

  void append_run(unsigned blocks, bool complete);
  void draw_block(BlockBeat& beat, ScaleKind kind, bool grows);
  void draw_elements(BlockBeat& beat);
  void draw_gaussian(Codes& codes, std::uint8_t& scale);
  void draw_wide(BlockBeat& beat);
  void draw_around_window(BlockBeat& beat);
  void cancel(BlockBeat& beat);
  unsigned any_code();
  unsigned negated(unsigned code) const;
  unsigned extreme_code();
  unsigned with_exponent(unsigned field);
  void one_sign(BlockBeat& beat);
  void place_power_scales(BlockBeat& beat, ScaleKind kind);
  void place_ue4m3_scales(BlockBeat& beat, ScaleKind kind);
  void spoil(BlockBeat& beat);

  BlockDraw draw_;
  const BlockElementInfo& info_;
  bool illegal_;
  Random random_;
  Beats beats_;
  int top_ = 0;  ///< top of the run: its blocks' values lie below 2^(top_+1)
};

/// Draws a finite element.
unsigned BlockSource::any_code() {
  for (;;) {
    const unsigned code = static_cast<unsigned>(random_.next()) & mask();
    if (info_.integer() ? code != sign() : (code & ~sign()) <= info_.minifloat.largest_code()) return code;
  }
}

unsigned BlockSource::negated(unsigned code) const { return (info_.integer() ? 0U - code : code ^ sign()) & mask(); }

unsigned BlockSource::extreme_code() {
  const unsigned largest = info_.integer() ? sign() - 1 : info_.minifloat.largest_code();
  const unsigned most = info_.integer() && illegal_ ? sign() : largest;
  const std::array<unsigned, 5> codes = {largest, negated(largest), 0U, 1U, most};
  return codes.at(random_.below(codes.size()));
}

/// Draws a minifloat with that exponent field.
unsigned BlockSource::with_exponent(unsigned field) {
  const unsigned fraction = random_.below(1U << info_.minifloat.mantissa_bits);
  const unsigned magnitude =
      std::min(field << info_.minifloat.mantissa_bits | fraction, info_.minifloat.largest_code());
  return magnitude | (random_.below(2) != 0 ? sign() : 0U);
}

/// Draws weights or activations of a block as their format's rule would store them.
void BlockSource::draw_gaussian(Codes& codes, std::uint8_t& scale) {
  std::array<double, kMaxBlock> values{};
  double largest = 1e-3;
  for (double& value : values) {
    value = random_.gaussian();
    largest = std::max(largest, std::abs(value));
  }
  const double limit = info_.integer() ? sign() - 1 : info_.minifloat.largest();
  double step = largest / limit;
  if (draw_.power_scales) {
    const int exponent =
        static_cast<int>(std::floor(std::log2(largest))) - static_cast<int>(std::floor(std::log2(limit)));
    scale = static_cast<std::uint8_t>(127 + exponent);
    step = std::exp2(exponent);
  } else {
    const quant::ScaleInfo& stored = quant::scale_info(quant::ScaleFormat::kUe4m3);
    const double tensor = std::exp2(static_cast<double>(random_.below(12)) - 4);
    scale = static_cast<std::uint8_t>(stored.encode(step * tensor));
    step = std::max(stored.decode(scale), 0x1p-9) / tensor;
  }
  for (unsigned i = 0; i < draw_.layout.block; ++i) {
    const double value = values.at(i) / step;
    const double rounded = std::clamp(std::nearbyint(value), -limit, limit);
    codes.at(i) = static_cast<std::uint8_t>(info_.integer() ? static_cast<unsigned>(static_cast<int>(rounded)) & mask()
                                                            : info_.minifloat.encode(value));
  }
}

/// Draws every exponent with the same likelihood.
void BlockSource::draw_wide(BlockBeat& beat) {
  for (unsigned i = 0; i < draw_.layout.block; ++i) {
    const unsigned fields = 1U << info_.minifloat.exponent_bits;
    beat.a.at(i) = static_cast<std::uint8_t>(info_.integer() ? any_code() : with_exponent(random_.below(fields)));
    beat.b.at(i) = static_cast<std::uint8_t>(info_.integer() ? any_code() : with_exponent(random_.below(fields)));
  }
}

/// Draws one large product and others that lie around the lower end of the window, or just below the large one.
void BlockSource::draw_around_window(BlockBeat& beat) {
  if (info_.integer()) return draw_wide(beat);
  const unsigned fields = 1U << info_.minifloat.exponent_bits;
  const unsigned top = fields - 1 - random_.below(2);
  const unsigned width = draw_.window != 0 ? draw_.window : 24;
  const unsigned position = random_.below(draw_.layout.block);
  for (unsigned i = 0; i < draw_.layout.block; ++i) {
    const unsigned distance = random_.percent(70) ? width - random_.below(10) : random_.below(4);
    const unsigned sum = i == position ? 2 * top : 2 * top - std::min(2 * top, distance);
    const unsigned half = sum / 2;
    const unsigned skew = std::min({half, fields - 1 - (sum - half), random_.below(fields)});
    beat.a.at(i) = static_cast<std::uint8_t>(with_exponent(half - skew));
    beat.b.at(i) = static_cast<std::uint8_t>(with_exponent(sum - half + skew));
  }
}

/// Makes the second half of the products negate the first, but for one element now and then.
void BlockSource::cancel(BlockBeat& beat) {
  const unsigned half = draw_.layout.block / 2;
  for (unsigned i = half; i < draw_.layout.block; ++i) {
    beat.a.at(i) = static_cast<std::uint8_t>(i < 2 * half ? negated(beat.a.at(i - half)) : 0U);
    beat.b.at(i) = i < 2 * half ? beat.b.at(i - half) : std::uint8_t{0};
  }
  if (random_.percent(60)) beat.a.at(random_.below(2 * half)) = static_cast<std::uint8_t>(any_code());
}

void BlockSource::draw_elements(BlockBeat& beat) {
  const unsigned kind = random_.below(100);
  const unsigned block = draw_.layout.block;
  if (kind < 40) {
    draw_gaussian(beat.a, beat.scale_a);
    draw_gaussian(beat.b, beat.scale_b);
  } else if (kind < 60) {
    draw_wide(beat);
  } else if (kind < 70) {
    draw_around_window(beat);
  } else if (kind < 80) {
    for (unsigned i = 0; i < block; ++i) {
      beat.a.at(i) = static_cast<std::uint8_t>(extreme_code());
      beat.b.at(i) = static_cast<std::uint8_t>(extreme_code());
    }
  } else if (kind < 88) {  // few products are not zero
    beat.b.at(random_.below(block)) = static_cast<std::uint8_t>(any_code());
    beat.b.at(random_.below(block)) = static_cast<std::uint8_t>(any_code());
    for (unsigned i = 0; i < block; ++i) beat.a.at(i) = static_cast<std::uint8_t>(any_code());
  } else if (kind < 98) {  // the largest products, all of one sign
    unsigned largest = info_.integer() ? (illegal_ ? sign() : sign() - 1) : info_.minifloat.largest_code();
    if (!info_.integer() &&
        random_.percent(40)) {  // the largest significand, which E4M3 has below its highest exponent alone
      const unsigned mantissas = 1U << info_.minifloat.mantissa_bits;
      largest = (largest | (mantissas - 1)) - mantissas;
    }
    beat.a.fill(static_cast<std::uint8_t>(largest));
    beat.b.fill(static_cast<std::uint8_t>(random_.below(2) != 0 ? largest : negated(largest)));
    if (random_.percent(70)) {  // and one that fills the lowest bits
      const unsigned i = random_.below(block);
      beat.a.at(i) = static_cast<std::uint8_t>(any_code());
      beat.b.at(i) = static_cast<std::uint8_t>(any_code());
    }
  }  // the others stay zeros
  if (random_.percent(12)) cancel(beat);
}

/// Draws elements and scales that no quantizer emits.
void BlockSource::spoil(BlockBeat& beat) {
  const auto any = [&](Codes& codes) {
    for (unsigned i = 0; i < draw_.layout.block; ++i) codes.at(i) = static_cast<std::uint8_t>(random_.next() & mask());
  };
  const unsigned kind = random_.below(100);
  if (kind < 3) {
    any(beat.a);
    any(beat.b);
  } else if (kind < 11) {  // one or two that are NaN, infinite or the most negative integer
    for (unsigned i = 0; i < 1 + random_.below(2); ++i) {
      const unsigned special =
          info_.integer() ? sign() : info_.minifloat.largest_code() + 1 + (random_.percent(25) ? 1 : 0);
      const unsigned code = (special | (random_.below(2) != 0 ? sign() : 0U)) & mask();
      (random_.below(2) != 0 ? beat.a : beat.b).at(random_.below(draw_.layout.block)) = static_cast<std::uint8_t>(code);
    }
  } else if (kind < 13) {
    (random_.below(2) != 0 ? beat.scale_a : beat.scale_b) = draw_.power_scales ? 0xFF : 0x7F;
  }
  if (!draw_.power_scales && random_.percent(10)) beat.scale_a |= 0x80;
  if (!draw_.power_scales && random_.percent(10)) beat.scale_b |= 0x80;
}

/// Makes all products positive or all negative, so that sums grow and carry.
void BlockSource::one_sign(BlockBeat& beat) {
  for (unsigned i = 0; i < draw_.layout.block; ++i) {
    if (((beat.a.at(i) ^ beat.b.at(i)) & sign()) != 0) beat.b.at(i) = static_cast<std::uint8_t>(negated(beat.b.at(i)));
  }
}

/// Puts the block's value near the top of its run or up to 28 bits below, and then finds both bytes from their sum.
void BlockSource::place_power_scales(BlockBeat& beat, ScaleKind kind) {
  const BlockSum value = sum_block(draw_.layout, draw_.window, beat);
  const int top = top_ - static_cast<int>(random_.percent(55) ? random_.below(3) : random_.below(29));
  const int wanted = 254 + top - value.exponent - static_cast<int>(bit_length(value.sum)) + 1;
  const int any = static_cast<int>(random_.below(random_.percent(20) ? 3 : 509));
  const int sum = kind == ScaleKind::kAny ? any : std::clamp(wanted, 0, 508);
  const int low = std::max(0, sum - 254);
  const int a = low + static_cast<int>(random_.below(static_cast<unsigned>(std::min(254, sum) - low + 1)));
  beat.scale_a = static_cast<std::uint8_t>(a);
  beat.scale_b = static_cast<std::uint8_t>(sum - a);
}

void BlockSource::place_ue4m3_scales(BlockBeat& beat, ScaleKind kind) {
  const auto byte = [&] {
    switch (kind) {
      case ScaleKind::kUnderflow:
        return random_.below(10);
      case ScaleKind::kOverflow:
        return 0x70 + random_.below(0x0F);
      default:
        return random_.below(0x7F);
    }
  };
  beat.scale_a = static_cast<std::uint8_t>(byte());
  beat.scale_b = static_cast<std::uint8_t>(byte());
}

/// Appends the blocks of one accumulation; the last one is marked when `complete` is set.
void BlockSource::append_run(unsigned blocks, bool complete) {
  const unsigned draw = random_.below(100);
  const ScaleKind kind = draw < 50   ? ScaleKind::kUsual
                         : draw < 75 ? ScaleKind::kUnderflow
                         : draw < 90 ? ScaleKind::kOverflow
                                     : ScaleKind::kAny;
  top_ = kind == ScaleKind::kUnderflow  ? -124 - static_cast<int>(random_.below(29))
         : kind == ScaleKind::kOverflow ? 124 + static_cast<int>(random_.below(5))
         : random_.percent(50)          ? static_cast<int>(random_.below(40)) - 20
                                        : static_cast<int>(random_.below(240)) - 120;
  const bool grows = random_.percent(35);
  BlockBeat beat;
  for (unsigned i = 0; i < blocks; ++i) {
    if (i != 0 && !grows && random_.percent(25)) {  // the sum so far, or the last block alone, cancels
      for (unsigned k = 0; k < draw_.layout.block; ++k) beat.a.at(k) = static_cast<std::uint8_t>(negated(beat.a.at(k)));
      if (random_.percent(30)) beat.b.at(random_.below(draw_.layout.block)) = static_cast<std::uint8_t>(any_code());
    } else {
      draw_block(beat, kind, grows);
    }
    beat.last = complete && i + 1 == blocks;
    draw_.layout.write(beats_.append(), beat);
  }
}

void BlockSource::draw_block(BlockBeat& beat, ScaleKind kind, bool grows) {
  beat = {};
  draw_elements(beat);
  if (grows) one_sign(beat);
  const bool keep = kind == ScaleKind::kUsual && (beat.scale_a | beat.scale_b) != 0 && !grows;
  if (draw_.power_scales) {
    if (!keep || random_.percent(60)) place_power_scales(beat, kind);
  } else if (!keep) {
    place_ue4m3_scales(beat, kind);
  }
  if (illegal_) spoil(beat);
}

}  // namespace

Stimulus block_dot_random(const BlockDraw& draw, const RandomRequest& request) {
  return BlockSource(draw, request).stimulus(request);
}

}  // namespace subbyte::kernels
