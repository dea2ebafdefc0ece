// What the tests of combinational units share: every pattern of every element, rows of packed layers, and latency 0.
#pragma once

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "quant/formats/layout.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {

/// Returns 2^bits beats in which each of the elements of the input takes every pattern of `bits` bits, beside different
/// ones.
inline kernels::Stimulus every_pattern(const kernels::UnitInfo& info, const kernels::Parameters& point, unsigned bits) {
  const unsigned elements = info.input_shape(point).bits() / bits;
  kernels::Beats beats(info.input_shape(point).words());
  for (unsigned pattern = 0; pattern < 1U << bits; ++pattern) {
    const auto beat = beats.append();
    for (unsigned e = 0; e < elements; ++e) kernels::set_bits(beat, e * bits, bits, pattern + 11 * e);
  }
  const std::size_t count = beats.size();
  return {{}, kernels::source_of(std::move(beats)), {}, count};
}

/// Golden, SystemC and RTL give the same beats for every pattern at every point, and both models have beat i at cycle
/// i.
inline void expect_every_pattern_equal(const std::string& name, unsigned bits) {
  const auto& info = kernels::unit(name);
  for (const auto& point : info.points) {
    const auto stimulus = every_pattern(info, point, bits);
    const auto golden = info.golden(point, stimulus, {});
    const auto systemc = models::run_systemc(kernels::unit(name), point, stimulus);
    const auto rtl = sim::run_rtl(kernels::unit(name), point, stimulus);
    ASSERT_EQ(rtl.size(), std::size_t{1} << bits);
    EXPECT_TRUE(kernels::compare(golden, systemc).equal()) << name;
    EXPECT_TRUE(kernels::compare(golden, rtl).equal()) << name;
    for (std::size_t i = 0; i < rtl.size(); ++i) ASSERT_TRUE(rtl.cycle(i) == i && systemc.cycle(i) == i) << name;
  }
}

/// Returns the value of each trit of a beat.
inline std::vector<int> trits_of(std::span<const std::uint64_t> beat, unsigned count) {
  std::vector<int> trits;
  for (unsigned i = 0; i < count; ++i) trits.push_back(static_cast<int>(kernels::get_signed(beat, 2 * i, 2)));
  return trits;
}

/// A packed row goes through the unit's golden function byte by byte as it lies in memory and gives its
/// weights.
inline void expect_a_packed_row_unpacks(const std::string& name, quant::CodeLayout layout, unsigned row_elements) {
  const auto& info = kernels::unit(name);
  const auto in = info.input_shape(info.points[0]);
  const unsigned trits = info.output_shape(info.points[0]).fields()[0].count;
  std::vector<std::uint8_t> codes(row_elements * std::size_t{trits});
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::size_t group = i / 4;
    const std::uint8_t sign = (i * i + group * 7) % 5 < 2 ? 0 : 2;
    codes[i] = i % 4 == (group * 3 + group / 4) % 4 ? 1 : sign;
  }
  std::vector<std::uint8_t> bytes(quant::row_bytes(layout, 2, codes.size()));
  quant::pack_row(layout, 2, codes, bytes);
  ASSERT_EQ(bytes.size() * 8, row_elements * std::size_t{in.bits()});
  kernels::Beats beats(in.words());
  const unsigned beat_bytes = in.bits() / 8;
  for (std::size_t b = 0; b < row_elements; ++b) {
    const auto beat = beats.append();
    for (unsigned i = 0; i < beat_bytes; ++i) kernels::set_bits(beat, 8 * i, 8, bytes[b * beat_bytes + i]);
  }
  const auto trace = info.golden(info.points[0], {{}, kernels::source_of(std::move(beats)), {}, row_elements}, {});
  ASSERT_EQ(trace.size(), row_elements);
  for (std::size_t i = 0; i < codes.size(); ++i)
    ASSERT_EQ(trits_of(trace.beat(i / trits), trits)[i % trits], static_cast<int>(codes[i]) - 1)
        << name << " weight " << i;
}

/// RTL broken in one place is told at the first beat that `affected(golden input beat)` names.
inline void expect_found_at_its_beat(const std::string& name, const BrokenRtl& rtl, const kernels::Stimulus& stimulus,
                                     const std::function<bool(std::span<const std::uint64_t>)>& affected) {
  std::uint64_t expected = 0;
  while (expected < stimulus.input.count && !affected(input_beat(stimulus, expected))) ++expected;
  ASSERT_LT(expected, stimulus.input.count);
  const auto verdict = compare_broken(name, kernels::unit(name).points[0], stimulus, rtl);
  ASSERT_TRUE(verdict.first_bit_mismatch.has_value());
  EXPECT_EQ(*verdict.first_bit_mismatch, expected);
}

}  // namespace subbyte
