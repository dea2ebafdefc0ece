// Tests the golden tile against the composition of the other units' golden functions, beat by beat.
#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "kernels/parts/random_values.hpp"
#include "kernels/parts/tile_beat.hpp"

namespace subbyte::kernels {
namespace {

/// Returns the output values [beat][port*cols+col] of a tile, from the golden functions of its parts.
class Composition {
 public:
  Composition(const Parameters& point, const Stimulus& stimulus)
      : point_(point), p_(TileParams::of(point)), layout_(p_) {
    split(stimulus);
  }

  std::vector<std::uint32_t> column(unsigned port, unsigned col) const {
    const UnitInfo& dequant = unit("group_dequant");
    const UnitInfo& accumulator = unit("column_accumulator");
    const unsigned width = p_.pe.mantissa_bits();
    const Parameters dequant_point = resolve(dequant, {{"mantissa_width", width}});
    const Parameters column_point = resolve(accumulator, {{"rows", p_.rows_per_port()}, {"product_width", width + 11}});
    std::vector<Trace> rows;
    for (unsigned i = 0; i < p_.rows_per_port(); ++i) {
      const Trace groups = run_pe(port * p_.rows_per_port() + i, col);
      Beats scaled(dequant.input_shape(dequant_point).words());
      for (std::size_t g = 0; g < groups.size(); ++g) {
        const std::span<std::uint64_t> beat = scaled.append();
        set_wide(beat, 0, width + 9, get_wide_signed(groups.beat(g), 0, width + 9));
        set_bits(beat, width + 9, 16, ends_[g].scales[col]);
        set_bits(beat, width + 25, 1, ends_[g].scale_u8);
      }
      rows.push_back(dequant.golden(dequant_point, {{}, source_of(scaled), {}, 0}, {}));
    }
    Beats products(accumulator.input_shape(column_point).words());
    for (std::size_t g = 0; g < ends_.size(); ++g) {
      for (const Trace& row : rows) {
        const std::span<std::uint64_t> beat = products.append();
        set_wide(beat, 0, width + 21, get_wide_signed(row.beat(g), 0, width + 21));
        set_bits(beat, width + 21, 1, ends_[g].tile_last);
        set_bits(beat, width + 22, 32, ends_[g].channel_scales[col]);
      }
    }
    const Trace values = accumulator.golden(column_point, {{}, source_of(products), {}, 0}, {});
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i < values.size(); ++i) all.push_back(static_cast<std::uint32_t>(values.beat(i)[0]));
    return all;
  }

 private:
  void split(const Stimulus& stimulus) {
    const UnitInfo& encoder = unit("term_encoder");
    const Parameters encoder_point = resolve(encoder, {{"lanes", p_.lanes},
                                                       {"cols", p_.cols},
                                                       {"table_bits", p_.encoder.table_bits},
                                                       {"table_terms", p_.encoder.table_terms},
                                                       {"shift_width", p_.encoder.shift_width}});
    const BeatShape in = encoder.input_shape(encoder_point);
    Beats codes(in.words());
    std::vector<std::uint64_t> words(layout_.shape.words());
    for (std::size_t i = 0; i < stimulus.input.count; ++i) {
      stimulus.input.fill(i, words);
      chunks_.emplace_back();
      unpack(layout_, words, chunks_.back());
      if (chunks_.back().group_last) ends_.push_back(chunks_.back());
      const std::span<std::uint64_t> beat = codes.append();
      for (unsigned bit = 0; bit < in.bits(); ++bit) set_bits(beat, bit, 1, get_bits(words, layout_.code + bit, 1));
    }
    terms_ = encoder.golden(encoder_point, {stimulus.config, source_of(codes), {}, 0}, {});
  }

  Trace run_pe(unsigned row, unsigned col) const {
    const UnitInfo& pe = unit("bitserial_pe");
    Parameters pe_point;
    for (const ParameterSpec& spec : pe.parameters) pe_point[spec.name] = point_.at(spec.name);
    const unsigned term_bits = p_.encoder.term_bits() * p_.lanes;
    Beats beats(pe.input_shape(pe_point).words());
    std::size_t chunk = 0;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const std::span<std::uint64_t> beat = beats.append();
      const bool last_term = get_bits(terms_.beat(i), term_bits * p_.cols, 1) != 0;
      for (unsigned l = 0; l < p_.lanes; ++l) {
        set_bits(beat, 16 * l, 16, chunks_[chunk].activations[row * p_.lanes + l]);
        const unsigned width = p_.encoder.term_bits();
        set_bits(beat, 16 * p_.lanes + width * l, width, get_bits(terms_.beat(i), term_bits * col + width * l, width));
      }
      set_bits(beat, 16 * p_.lanes + term_bits, 1, last_term && chunks_[chunk].group_last);
      chunk += last_term;
    }
    return pe.golden(pe_point, {{}, source_of(beats), {}, 0}, {});
  }

  Parameters point_;
  TileParams p_;
  TileBeatLayout layout_;
  std::vector<TileBeat> chunks_;
  std::vector<TileBeat> ends_;  ///< last chunk of every group
  Trace terms_;
};

TEST(Tile, IsTheCompositionOfItsPartsAtEveryPoint) {
  const UnitInfo& tile = unit("bitserial_tile");
  std::vector<Parameters> points = tile.points;
  for (const Parameters& given :
       {Parameters{{"rows", 3}, {"cols", 5}, {"lanes", 8}, {"acc_width", 40}, {"guard_bits", 8}},
        Parameters{{"rows", 5}, {"cols", 17}, {"lanes", 3}, {"align_bits", 16}, {"acc_width", 25}},
        Parameters{{"rows", 8}, {"cols", 32}, {"lanes", 2}, {"exact", 1}},
        Parameters{{"rows", 24}, {"cols", 1}, {"lanes", 16}, {"acc_width", 8}, {"guard_bits", 1}}}) {
    points.push_back(resolve(tile, given));
  }
  for (const Parameters& point : points) {
    const TileParams p = TileParams::of(point);
    for (const quant::FormatRow& row : quant::format_table()) {
      if (tile.unsupported(point, row.format)) continue;
      const Stimulus stimulus = tile.random(point, {row.format, 12, 5, {}, true});
      const Trace whole = tile.golden(point, stimulus, {});
      const Composition parts(point, stimulus);
      for (unsigned port = 0; port < p.ports(); ++port) {
        for (unsigned c = 0; c < p.cols; ++c) {
          const std::vector<std::uint32_t> values = parts.column(port, c);
          ASSERT_EQ(values.size(), whole.size()) << row.name;
          for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_EQ(values[i], get_bits(whole.beat(i), tile_value_offset(p, port, c), 32))
                << row.name << " beat " << i;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace subbyte::kernels
