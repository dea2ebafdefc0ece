// What the unit tests share: they compare golden with RTL over every verified point, and with RTL broken on purpose.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "kernels/contract/unit.hpp"
#include "sim/engines/rtl_engine.hpp"
#include "tests/support/broken_rtl.hpp"
#include "tests/support/hardware_formats.hpp"

namespace subbyte {

/// Returns every format that the unit can tell apart, at group 32 (which gives more groups per case and second than
/// 128).
inline std::vector<quant::Format> tested_formats(const kernels::UnitInfo& unit) {
  return hardware_formats(unit, {":g32", ":g32:scale=u8"});
}

/// Checks that golden and RTL give equal beats for every point, format and stall rate; at least one format runs at each
/// point.
inline void expect_rtl_equals_golden(const std::string& name, std::size_t cases) {
  const auto& info = kernels::unit(name);
  for (std::size_t point = 0; point < info.points.size(); ++point) {
    std::size_t beats = 0;
    const auto formats = tested_formats(info);
    const std::size_t each = std::max<std::size_t>(20, cases * 18 / formats.size());
    for (const auto& format : formats) {
      if (info.unsupported(info.points[point], format)) continue;
      for (const unsigned percent : {0U, 30U, 60U}) {
        SCOPED_TRACE(name + " point " + std::to_string(point) + " " + format.id() + " stalls " +
                     std::to_string(percent));
        const std::uint64_t seed = point * 1000 + percent;
        const auto stimulus = info.random(info.points[point], {format, each, seed, {seed, percent, percent}, true});
        const auto golden = info.golden(info.points[point], stimulus, {});
        const auto rtl = sim::run_rtl(kernels::unit(name), info.points[point], stimulus);
        const auto verdict = kernels::compare(golden, rtl);
        ASSERT_TRUE(verdict.equal()) << verdict.bit_mismatches << " of " << verdict.beats << " beats differ, first "
                                     << verdict.first_bit_mismatch.value_or(0);
        beats += golden.size();
      }
    }
    EXPECT_GE(beats, cases) << "no format ran at point " << point;
  }
}

/// The words of input beat i.
inline std::vector<std::uint64_t> input_beat(const kernels::Stimulus& stimulus, std::size_t i) {
  std::vector<std::uint64_t> words(stimulus.input.words);
  stimulus.input.fill(i, words);
  return words;
}

inline kernels::Verdict compare_broken(const std::string& name, const kernels::Parameters& parameters,
                                       const kernels::Stimulus& stimulus, const BrokenRtl& rtl) {
  sim::RtlOptions options;
  options.rtl_dir = rtl.directory();
  return kernels::compare(kernels::unit(name).golden(parameters, stimulus, {}),
                          sim::run_rtl(kernels::unit(name), parameters, stimulus, {}, options));
}

}  // namespace subbyte
