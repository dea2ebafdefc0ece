// Tests the Unit contract: the catalogue, its parameters, and that every stimulus is a pure function of its seed.
#include <gtest/gtest.h>

#include <set>

#include "kernels/catalogue.hpp"
#include "kernels/contract/beat.hpp"
#include "kernels/contract/unit.hpp"
#include "kernels/parts/code_field.hpp"
#include "kernels/parts/tile_beat.hpp"
#include "kernels/term_encoder.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/refusal_text.hpp"

namespace subbyte::kernels {
namespace {

TEST(Beats, FieldsCrossWordsWithoutTouchingTheirNeighbours) {
  for (unsigned bits = 1; bits <= 64; ++bits) {
    for (unsigned offset = 0; offset + bits <= 192; ++offset) {
      std::vector<std::uint64_t> words(3, ~std::uint64_t{0});
      const std::uint64_t value = 0x5A5A'1234'DEAD'BEE5U & (bits == 64 ? ~0ULL : (1ULL << bits) - 1);
      set_bits(words, offset, bits, value);
      ASSERT_EQ(get_bits(words, offset, bits), value);
      for (unsigned b = 0; b < 192; ++b) {
        const bool inside = b >= offset && b < offset + bits;
        ASSERT_TRUE(inside || get_bits(words, b, 1) == 1) << bits << ' ' << offset << ' ' << b;
      }
    }
  }
}

TEST(Beats, WideSignedFieldsComeBack) {
  for (unsigned bits = 2; bits <= 100; ++bits) {
    for (const int value : {0, 1, -1, -2}) {
      std::vector<std::uint64_t> words(3);
      set_wide(words, 7, bits, value);
      ASSERT_TRUE(get_wide_signed(words, 7, bits) == value) << bits;
    }
    std::vector<std::uint64_t> words(3);
    const Int128 lowest = -(static_cast<Int128>(1) << (bits - 1));
    set_wide(words, 63, bits, lowest);
    ASSERT_TRUE(get_wide_signed(words, 63, bits) == lowest) << bits;
  }
}

TEST(Stalls, AreAFunctionOfSeedSideAndCycleAtTheirRate) {
  const StallPlan plan{42, 30, 60};
  unsigned input = 0;
  unsigned output = 0;
  unsigned both = 0;
  for (std::uint64_t cycle = 0; cycle < 100000; ++cycle) {
    const bool in = plan.stalled(Side::kInput, cycle);
    const bool out = plan.stalled(Side::kOutput, cycle);
    EXPECT_EQ(in, plan.stalled(Side::kInput, cycle));
    input += in;
    output += out;
    both += in && out;
  }
  EXPECT_NEAR(input, 30000, 1000);
  EXPECT_NEAR(output, 60000, 1000);
  EXPECT_NEAR(both, 18000, 1000);  // the sides are independent
  EXPECT_FALSE((StallPlan{42, 0, 0}.stalled(Side::kInput, 7)));
}

TEST(Traces, HashSeesOrderAndCyclesAndWindowKeepsWhatItSays) {
  const std::vector<std::uint64_t> a{1, 2};
  const std::vector<std::uint64_t> b{3, 4};
  Trace ab(2, true), ba(2, true), late(2, true);
  ab.append(a, 5), ab.append(b, 6);
  ba.append(b, 5), ba.append(a, 6);
  late.append(a, 5), late.append(b, 7);
  EXPECT_NE(ab.checkpoints().back().data_hash, ba.checkpoints().back().data_hash);
  EXPECT_EQ(ab.checkpoints().back().data_hash, late.checkpoints().back().data_hash);
  EXPECT_NE(ab.checkpoints().back().cycle_hash, late.checkpoints().back().cycle_hash);
  const Verdict verdict = compare(ab, late);
  EXPECT_EQ(verdict.bit_mismatches, 0U);
  EXPECT_EQ(verdict.cycle_mismatches, 1U);
  EXPECT_EQ(verdict.first_cycle_mismatch, 1U);
  EXPECT_EQ(compare(ab, ba).bit_mismatches, 2U);
  Trace shorter(2, true);
  shorter.append(a, 5);
  EXPECT_EQ(compare(ab, shorter).bit_mismatches, 1U);
  Trace window(2, false, {1, 2});
  window.append(a), window.append(b), window.append(a);
  EXPECT_EQ(window.size(), 3U);
  EXPECT_EQ(window.beat(1)[0], 3U);
  EXPECT_THROW(window.beat(0), std::out_of_range);
  EXPECT_THROW(window.beat(2), std::out_of_range);
  EXPECT_THROW(compare(window, ab), std::invalid_argument);
}

TEST(Traces, CheckpointsBoundTheFirstDifference) {
  Trace a(1), b(1);
  for (std::uint64_t i = 0; i < 3 * Trace::kCheckpointBeats; ++i) {
    const std::uint64_t other = i == Trace::kCheckpointBeats + 1 ? ~i : i;
    a.append(std::span(&i, 1));
    b.append(std::span(&other, 1));
  }
  ASSERT_EQ(a.checkpoints().size(), 4U);
  EXPECT_EQ(a.checkpoints()[0], b.checkpoints()[0]);
  EXPECT_NE(a.checkpoints()[1], b.checkpoints()[1]);
  EXPECT_NE(a.checkpoints()[2], b.checkpoints()[2]);
}

TEST(Catalogue, NamesTheNearestUnitAndParameter) {
  const std::string unknown = message_of([] { unit("bitserial_til"); });
  EXPECT_TRUE(unknown.starts_with("unknown unit 'bitserial_til', expected one of term_encoder, ")) << unknown;
  EXPECT_TRUE(unknown.ends_with("; did you mean 'bitserial_tile'?")) << unknown;
  for (const UnitInfo& info : units()) EXPECT_NE(unknown.find(info.name), std::string::npos) << info.name;
  const UnitInfo& pe = unit("bitserial_pe");
  const std::string parameter = message_of([&] { resolve(pe, {{"acc_wdth", 20}}); });
  EXPECT_TRUE(parameter.starts_with("unit bitserial_pe has no parameter 'acc_wdth', expected one of lanes, "))
      << parameter;
  EXPECT_TRUE(parameter.ends_with("; did you mean 'acc_width'?")) << parameter;
  EXPECT_EQ(message_of([&] {
              resolve(pe, {{"lanes", 17}});
            }),
            "parameter 'lanes' of unit bitserial_pe is 17, expected 1..16");
  EXPECT_EQ(message_of([] {
              TileParams::of(resolve(unit("bitserial_tile"), {{"rows", 12}}));
            }),
            "parameter 'rows' of unit bitserial_tile is 12, expected 1..8 or a multiple of 8");
}

TEST(Catalogue, FirstPointIsTheDefaultAndPointsDiffer) {
  for (const UnitInfo& info : units()) {
    ASSERT_FALSE(info.points.empty()) << info.name;
    EXPECT_EQ(info.points[0], resolve(info, {})) << info.name;
    EXPECT_EQ(std::set<Parameters>(info.points.begin(), info.points.end()).size(), info.points.size()) << info.name;
    for (const Parameters& point : info.points) EXPECT_EQ(resolve(info, point), point);
  }
}

TEST(Catalogue, EveryUnitRunsEveryFormatItSupportsAtEveryPoint) {
  for (const UnitInfo& info : units()) {
    for (const Parameters& point : info.points) {
      unsigned supported = 0;
      for (const quant::FormatRow& row : quant::format_table()) {
        if (info.unsupported(point, row.format)) continue;
        ++supported;
        const RandomRequest request{row.format, 50, 7, {}, true};
        const Stimulus stimulus = info.random(point, request);
        EXPECT_EQ(stimulus.cases, 50U);
        EXPECT_EQ(stimulus.input.words, info.input_shape(point).words());
        const Trace trace = info.golden(point, stimulus, {});
        EXPECT_GE(trace.size(), 1U) << info.name << ' ' << row.name;
        const Trace again = info.golden(point, info.random(point, request), {});
        EXPECT_TRUE(compare(trace, again).equal()) << info.name << ' ' << row.name;
        RandomRequest other = request;
        other.seed = 8;
        EXPECT_FALSE(compare(trace, info.golden(point, info.random(point, other), {})).equal());
      }
      EXPECT_GE(supported, 1U) << info.name;
    }
  }
  for (const char* bit_serial :
       {"term_encoder", "bitserial_pe", "group_dequant", "column_accumulator", "bitserial_tile"}) {
    const UnitInfo& info = unit(bit_serial);
    for (const char* name : {"bitmod-fp4", "bitmod-fp3", "int8", "int6", "int4", "int3", "int4-asym", "int3-asym"}) {
      EXPECT_EQ(text_of(info.unsupported(info.points[0], quant::parse_format(name))), "") << info.name << ' ' << name;
    }
  }
}

TEST(Encoder, ConfigurationWritesComeBackAsTheProgram) {
  const EncoderParams params;
  for (const quant::FormatRow& row : quant::format_table()) {
    if (encoder_unsupported(params, row.format)) continue;
    const quant::TermProgram program = quant::lower(row.format, 5, 7);
    const std::vector<ConfigWrite> writes = config_writes(params, program);
    const quant::TermProgram back = program_of(params, writes);
    EXPECT_EQ(back.table, program.table);
    EXPECT_EQ(back.terms, program.terms);
    EXPECT_EQ(back.unsigned_code, program.unsigned_code);
    EXPECT_EQ(back.has_special, program.has_special);
    EXPECT_EQ(back.special_entries, program.special_entries);
    for (std::size_t code = 0; code < program.entries.size(); ++code)
      EXPECT_EQ(back.entries[code], program.entries[code]);
  }
}

TEST(Encoder, TermsSumToTheLevelForEveryCodeSelectorAndZero) {
  const EncoderParams params;
  for (const quant::FormatRow& row : quant::format_table()) {
    const quant::Format& format = row.format;
    if (encoder_unsupported(params, format)) continue;
    const EncoderTable table = table_of(params, config_writes(params, quant::lower(format, 5, 7)));
    const unsigned zeros = format.scaling.zero_point ? 1U << format.alphabet.code_bits : 1;
    for (unsigned code = 0; code < 1U << format.alphabet.code_bits; ++code) {
      if (!format.alphabet.emitted(code)) continue;
      for (unsigned selector = 0; selector < format.alphabet.selectors(); ++selector) {
        for (unsigned zero = 0; zero < zeros; ++zero) {
          std::int64_t sum = 0;
          for (unsigned t = 0; t < table.terms; ++t) {
            const TermBits bits = encode(params, table, code_field(format, code), selector, zero, t);
            sum += unpack_term(bits, params.shift_width).value();
          }
          ASSERT_EQ(sum, format.alphabet.numerator(code, selector, zero)) << row.name << ' ' << code;
        }
      }
    }
  }
}

TEST(Encoder, LookupIsEncodeForEveryPatternOfEveryInput) {
  for (const char* name : {"int8", "int4-asym", "bitmod-fp4", "bitmod-fp3"}) {
    for (const unsigned shift_width : {3U, 4U}) {
      EncoderParams params;
      params.shift_width = shift_width;
      const EncoderTable table = table_of(params, random_config(params, quant::parse_format(name), 1, true));
      const EncoderLookup lookup(params, table);
      for (unsigned code = 0; code < 256; ++code) {
        for (unsigned selector = 0; selector < 4; ++selector) {
          for (unsigned zero = 0; zero < 256; ++zero) {
            const auto terms = lookup.terms(code, selector, zero);
            for (unsigned t = 0; t < 7; ++t) {
              ASSERT_EQ(terms[t], encode(params, table, code, selector, zero, t)) << name << ' ' << code << ' ' << zero;
            }
          }
        }
      }
    }
  }
}

TEST(Encoder, RefusesWhatDoesNotFit) {
  const UnitInfo& info = unit("term_encoder");
  const Parameters narrow = resolve(info, {{"shift_width", 2}});
  EXPECT_NE(text_of(info.unsupported(narrow, quant::parse_format("int8"))), "");
  EXPECT_NE(text_of(info.unsupported(narrow, quant::parse_format("bitmod-fp4"))), "");
  EXPECT_EQ(text_of(info.unsupported(narrow, quant::parse_format("int4"))), "");
  EXPECT_NE(text_of(info.unsupported(resolve(info, {{"table_bits", 3}}), quant::parse_format("bitmod-fp4"))), "");
  EXPECT_EQ(text_of(info.unsupported(resolve(info, {{"table_bits", 3}}), quant::parse_format("bitmod-fp3"))), "");
  EXPECT_NE(text_of(info.unsupported(resolve(info, {{"table_terms", 1}}), quant::parse_format("bitmod-fp4"))), "");
  const UnitInfo& pe = unit("bitserial_pe");
  const Parameters exact = resolve(pe, {{"exact", 1}, {"shift_width", 4}});
  EXPECT_EQ(text_of(pe.unsupported(exact, quant::parse_format("int8:g64"))), "");
  EXPECT_EQ(text_of(pe.unsupported(exact, quant::parse_format("int8:g128"))),
            "a group of 512 lane-terms can overflow the 64-bit sum; at shift_width 4 expected at most 256");
}

}  // namespace
}  // namespace subbyte::kernels
