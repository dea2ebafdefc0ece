// What the tests of fp16_mac_tile and dequant_mac_tile share: FP16 as the machine's numbers, and the cycles of a tile
// as a recurrence over its stages.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"
#include "tests/support/rtl_cases.hpp"

namespace subbyte {

inline double fp16_number(std::uint16_t bits) {
  const int field = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (field == 31)
    return sign * (fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity());
  return sign * std::ldexp(field == 0 ? fraction : fraction + 1024, (field == 0 ? 1 : field) - 25);
}

inline std::uint32_t canonical(float value) {
  return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(value);
}

/// Returns the edges of the output beats by the manual. There are `before` elastic stages, then operands, product, and
/// sum, from which a row per cycle leaves. The edge of a beat at stage k comes after its own at stage k-1, and not
/// before its predecessor left stage k.
inline std::vector<std::uint64_t> mac_tile_edges(const kernels::Stimulus& stimulus, const std::vector<bool>& last,
                                                 unsigned rows, unsigned before) {
  const auto free_from = [&](kernels::Side side, std::uint64_t cycle) {
    while (stimulus.stalls.stalled(side, cycle)) ++cycle;
    return cycle;
  };
  // entered[k] is the edge at which the last beat entered stage k; the sum is the last stage.
  const unsigned stages = before + 3;
  std::vector<std::int64_t> entered(stages, -1);
  std::uint64_t driver = stimulus.config.size();
  std::int64_t drained = -1;
  std::vector<std::uint64_t> edges;
  for (const bool ends : last) {
    const std::vector<std::int64_t> previous = entered;
    entered[0] =
        std::max<std::int64_t>(static_cast<std::int64_t>(free_from(kernels::Side::kInput, driver)), previous[1]);
    driver = static_cast<std::uint64_t>(entered[0]) + 1;
    for (unsigned k = 1; k < stages; ++k) {
      const std::int64_t room = k + 1 < stages ? previous[k + 1] : drained + 1;
      entered[k] = std::max(entered[k - 1] + 1, room);
    }
    if (!ends) continue;
    drained = entered.back();
    for (unsigned r = 0; r < rows; ++r) {
      drained = static_cast<std::int64_t>(free_from(kernels::Side::kOutput, static_cast<std::uint64_t>(drained) + 1));
      edges.push_back(static_cast<std::uint64_t>(drained));
    }
  }
  return edges;
}

inline std::vector<bool> last_flags(const kernels::Stimulus& stimulus, unsigned offset) {
  std::vector<bool> last;
  for (std::size_t i = 0; i < stimulus.input.count; ++i)
    last.push_back(kernels::get_bits(input_beat(stimulus, i), offset, 1) != 0);
  return last;
}

/// Compares RTL and SystemC at every point: with stalls by the recurrence, and without them by the manual's formula as
/// well.
inline void expect_mac_tile_cycles(const std::string& name, unsigned before) {
  const auto& info = kernels::unit(name);
  const auto format = quant::parse_format("mxfp4");
  for (const auto& point : info.points) {
    const auto rows = static_cast<unsigned>(point.at("rows"));
    for (const unsigned percent : {0U, 30U, 70U}) {
      const auto stimulus = info.random(point, {format, 40, percent + rows, {7, percent, percent}, true});
      const auto last = last_flags(stimulus, info.input_shape(point).offset("last"));
      const auto edges = mac_tile_edges(stimulus, last, rows, before);
      const auto rtl = sim::run_rtl(kernels::unit(name), point, stimulus);
      const auto systemc = models::run_systemc(kernels::unit(name), point, stimulus);
      ASSERT_EQ(rtl.size(), edges.size());
      ASSERT_EQ(systemc.size(), edges.size());
      for (std::size_t i = 0; i < edges.size(); ++i) {
        ASSERT_EQ(rtl.cycle(i), edges[i]) << name << " rows " << rows << " stalls " << percent << " row " << i;
        ASSERT_EQ(systemc.cycle(i), edges[i]) << name << " rows " << rows << " stalls " << percent << " row " << i;
      }
      if (percent != 0) continue;
      std::size_t row = 0;
      for (std::size_t k = 0; k < last.size(); ++k) {
        // K_0 + ... + K_n is k + 1 at the last beat of tile n.
        for (unsigned r = 0; last[k] && r < rows; ++r, ++row) {
          ASSERT_EQ(rtl.cycle(row), stimulus.config.size() + before + 2 + (k + 1) + row) << "row " << row;
        }
      }
    }
  }
}

}  // namespace subbyte
