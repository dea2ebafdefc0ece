// Tests areas per multiply-accumulate of every format on a bit-serial tile.
#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "tests/support/invented_synthesis.hpp"

namespace subbyte::sim {
namespace {

TEST(FormatAreas, DivideByTheRateOfTheTerms) {
  SynthesisResult tile = tests::invented("bitserial_tile", 1);
  tile.parameters = kernels::resolve(kernels::unit("bitserial_tile"), {});
  tile.area_um2 = 6400;
  SynthesisResult baseline = tests::invented(kBaselineUnit, 1);
  baseline.parameters = {{"rows", 8}, {"cols", 8}};
  baseline.area_um2 = 640;
  unsigned seen = 0;
  for (const FormatArea& area : format_areas(tile, baseline)) {
    EXPECT_DOUBLE_EQ(area.baseline_um2_per_mac, 10);
    EXPECT_DOUBLE_EQ(area.tile_um2_per_mac, 25.0 * area.terms) << area.format;
    EXPECT_DOUBLE_EQ(area.ratio, 2.5 * area.terms);
    if (area.format == "int8") {
      EXPECT_EQ(area.terms, 4U);
      EXPECT_DOUBLE_EQ(area.tile_macs_per_cycle, 64);
      EXPECT_NEAR(area.published_ratio.value(), 99509.0 / 64 / (95498.0 / 48), 1e-12);
      ++seen;
    }
    if (area.format == "bitmod-fp4") {
      EXPECT_EQ(area.terms, 2U);
      EXPECT_DOUBLE_EQ(area.tile_macs_per_cycle, 128);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2U);
  EXPECT_THROW(format_areas(baseline, tile), std::invalid_argument);
}

}  // namespace
}  // namespace subbyte::sim
