// Tests the exact-mode golden tile against integers and FP32 steps written from scratch: codes, activations and scales
// go in, and bits come out.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/catalogue.hpp"
#include "kernels/parts/code_field.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::kernels {
namespace {
// -------------------------------------------------------------------------------------

std::uint32_t pattern(float value) { return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(value); }

/// Returns the nearest FP32, ties to even, of x * 2^exponent, by halving until 25 bits are left and then once more.
float nearest_fp32(Int128 x, int exponent) {
  const bool negative = x < 0;
  UInt128 magnitude = static_cast<UInt128>(negative ? -x : x);
  bool sticky = false;
  while (magnitude >= (1U << 25) || (magnitude != 0 && exponent < -150)) {
    sticky = sticky || (magnitude & 1) != 0;
    magnitude >>= 1;
    ++exponent;
  }
  if (magnitude >= (1U << 24) || exponent == -150) {
    const bool half = (magnitude & 1) != 0;
    magnitude >>= 1;
    ++exponent;
    if (half && (sticky || (magnitude & 1) != 0)) ++magnitude;
  }
  const float result = std::ldexp(static_cast<float>(static_cast<std::uint32_t>(magnitude)), exponent);
  return negative ? -result : result;
}

struct Half {
  bool finite;
  std::int64_t significand;  ///< value = significand * 2^(exponent - 25)
  int exponent;
};
Half split_half(std::uint16_t bits) {
  const int field = bits >> 10 & 31;
  const std::int64_t significand = field == 0 ? bits & 1023 : 1024 + (bits & 1023);
  return {field != 31, (bits & 0x8000) != 0 ? -significand : significand, field == 0 ? 1 : field};
}

struct RawTile {
  std::vector<std::vector<std::uint16_t>> activations;  ///< [row][k]
  std::vector<std::vector<unsigned>> codes;             ///< [col][k]
  std::vector<std::vector<unsigned>> selectors, zeros;  ///< [col][group]
  std::vector<std::vector<std::uint16_t>> scales;
  std::vector<std::uint32_t> channel_scales;
};

std::uint32_t expected_value(const quant::Format& format, const RawTile& tile, std::size_t group, unsigned row,
                             unsigned col) {
  const bool u8 = format.scaling.stored == quant::ScaleFormat::kU8BelowChannel;
  float sum = 0;
  const std::size_t k_end = tile.activations[row].size();
  for (std::size_t g = 0; g * group < k_end; ++g) {
    Int128 dot = 0;  // in units of 2^-24
    const Half scale = split_half(tile.scales[col][g] & 0x7FFF);
    bool finite = u8 || scale.finite;
    for (std::size_t k = g * group; k < std::min(k_end, (g + 1) * group); ++k) {
      const Half activation = split_half(tile.activations[row][k]);
      finite = finite && activation.finite;
      const int level = format.alphabet.numerator(tile.codes[col][k], tile.selectors[col][g], tile.zeros[col][g]);
      dot += (static_cast<Int128>(activation.significand) << (activation.exponent - 1)) * level;
    }
    const float scaled = u8 ? nearest_fp32(dot * (tile.scales[col][g] & 255), -24)
                            : nearest_fp32(dot * scale.significand, -24 + scale.exponent - 25);
    sum += finite ? (dot == 0 ? 0.0F : scaled) : std::nanf("");
  }
  return pattern(sum * std::bit_cast<float>(tile.channel_scales[col]));
}

RawTile draw_tile(Random& random, const quant::Format& format, const TileParams& p, std::size_t k_end, bool wild) {
  RawTile tile;
  const std::size_t groups = format.groups(k_end);
  for (unsigned r = 0; r < p.rows; ++r) {
    const ActivationKind kind = wild && random.percent(50) ? draw_kind(random, true) : ActivationKind::kGaussian;
    tile.activations.push_back(draw_activations(random, kind, k_end, wild));
  }
  for (unsigned c = 0; c < p.cols; ++c) {
    std::vector<unsigned> codes, selectors, zeros;
    std::vector<std::uint16_t> scales;
    while (codes.size() < k_end) {
      const unsigned code = random.below(1U << format.alphabet.code_bits);
      if (format.alphabet.emitted(code)) codes.push_back(code);
    }
    for (std::size_t g = 0; g < groups; ++g) {
      selectors.push_back(random.below(format.alphabet.selectors()));
      zeros.push_back(format.scaling.zero_point ? random.below(1U << format.alphabet.code_bits) : 0);
      const bool any = wild && random.percent(10);
      scales.push_back(any ? static_cast<std::uint16_t>(random.next())
                           : draw_scale(random, format.scaling.stored, false).bits);
    }
    tile.codes.push_back(codes), tile.selectors.push_back(selectors), tile.zeros.push_back(zeros);
    tile.scales.push_back(scales);
    tile.channel_scales.push_back(draw_channel_scale(random, format.scaling.stored, wild));
  }
  return tile;
}

void append_tile(const quant::Format& format, const TileParams& p, const RawTile& tile, Beats& beats) {
  const TileBeatLayout layout(p);
  const std::size_t group = format.scaling.group;
  const std::size_t k_end = tile.activations[0].size();
  for (std::size_t g = 0; g * group < k_end; ++g) {
    const std::size_t end = std::min(k_end, (g + 1) * group);
    for (std::size_t first = g * group; first < end; first += p.lanes) {
      const std::span<std::uint64_t> beat = beats.append();
      for (unsigned l = 0; l < p.lanes && first + l < end; ++l) {
        for (unsigned r = 0; r < p.rows; ++r) layout.set_activation(beat, r, l, tile.activations[r][first + l]);
        for (unsigned c = 0; c < p.cols; ++c) layout.set_code(beat, c, l, code_field(format, tile.codes[c][first + l]));
      }
      for (unsigned c = 0; c < p.cols; ++c) {
        // Dead lanes are code 0, which an asymmetric format reads as -zero. They are dead because the activation is +0.
        layout.set_selector(beat, c, tile.selectors[c][g]);
        layout.set_zero(beat, c, tile.zeros[c][g]);
        layout.set_scale(beat, c, tile.scales[c][g]);
        layout.set_channel_scale(beat, c, tile.channel_scales[c]);
      }
      const bool last = first + p.lanes >= end;
      layout.set_flags(beat, format.scaling.stored == quant::ScaleFormat::kU8BelowChannel, last, last && end == k_end);
    }
  }
}

void check_exact(const quant::Format& format, const Parameters& given, bool wild) {
  const UnitInfo& info = unit("bitserial_tile");
  Parameters exact = given;
  exact["exact"] = 1;
  const Parameters point = resolve(info, exact);
  ASSERT_EQ(text_of(info.unsupported(point, format)), "");
  const TileParams p = TileParams::of(point);
  Random random(11);
  Beats beats(info.input_shape(point).words());
  std::vector<RawTile> tiles;
  for (const std::size_t k_end : {1, 64, 128, 130, 300, 3}) {
    tiles.push_back(draw_tile(random, format, p, k_end, wild));
    append_tile(format, p, tiles.back(), beats);
  }
  const std::vector<ConfigWrite> config = config_writes(p.encoder, quant::lower(format));
  const Trace trace = info.golden(point, {config, source_of(std::move(beats)), {}, tiles.size()}, {});
  const unsigned per_port = p.rows_per_port();
  ASSERT_EQ(trace.size(), tiles.size() * per_port);
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (unsigned row = static_cast<unsigned>(i % per_port); row < p.rows; row += per_port) {
      for (unsigned c = 0; c < p.cols; ++c) {
        const auto value = get_bits(trace.beat(i), tile_value_offset(p, row / per_port, c), 32);
        ASSERT_EQ(value, expected_value(format, tiles[i / per_port], format.scaling.group, row, c))
            << format.id() << " tile " << i / per_port << " row " << row << " col " << c;
      }
    }
  }
}

TEST(ExactTile, EqualsIntegersAndFp32StepsFromScratch) {
  for (const char* suffix : {":g128", ":g64", ":g7", ":g128:scale=u8"}) {
    for (const quant::FormatRow& row : quant::format_table()) {
      quant::Format format;
      try {
        format = quant::parse_format(row.name + suffix);
      } catch (const quant::FormatError&) {
        continue;
      }
      if (unit("bitserial_tile").unsupported(resolve(unit("bitserial_tile"), {{"exact", 1}}), format)) continue;
      for (const bool wild : {false, true}) {
        check_exact(format, {}, wild);
        check_exact(format, {{"rows", 16}, {"cols", 3}, {"lanes", 8}}, wild);
        check_exact(format, {{"rows", 1}, {"cols", 2}, {"lanes", 1}}, wild);
      }
    }
  }
}

}  // namespace
}  // namespace subbyte::kernels
