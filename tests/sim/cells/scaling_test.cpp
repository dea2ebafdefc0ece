// Tests scaling between nodes: the published factors, their composition, and what is refused.
#include "sim/cells/scaling.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Scaling scaled(double node, double voltage, const std::string& target) {
  return scaling_to(target, node, voltage, "--scale-to");
}

std::string refusal(const std::string& target, std::optional<double> node, double voltage) {
  try {
    scaling_to(target, node, voltage, "--scale-to");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

// The energy of HP32 at 0.9 V over HP45 at 1.1 V is 0.4571 (the authors' erratum) over 1.044.
TEST(Scaling, GivesThePublishedFactors) {
  const Scaling s = scaled(45, 1.1, "32@0.9");
  EXPECT_NEAR(s.energy, 0.4571 / 1.044, 2e-3);
  EXPECT_NEAR(s.delay.value(), 8.36 / 13.6, 1e-6);
  EXPECT_NEAR(s.area, 0.025 / 0.053, 1e-6);
  EXPECT_NEAR(scaled(180, 1.8, "45@1.1").energy, 1 / 25.3, 1e-4);
  EXPECT_THAT(s.source, AllOf(HasSubstr("derived"), HasSubstr("Stillmaker & Baas"), HasSubstr("factor of 2 to 3"),
                              HasSubstr("from 45 nm at 1.1 V to 32 nm at 0.9 V")));
}

TEST(Scaling, ComposesAndReturns) {
  for (const ScalingNode& node : scaling_nodes()) {
    const Scaling there = scaled(node.node_nm, node.voltage_v, "7@0.7"),
                  back = scaled(7, 0.7, fmt::format("{:g}@{:g}", node.node_nm, node.voltage_v));
    EXPECT_NEAR(there.energy * back.energy, 1, 1e-12);
    EXPECT_NEAR(there.area * back.area, 1, 1e-12);
    const Scaling none = scaled(node.node_nm, node.voltage_v, fmt::format("{:g}@{:g}", node.node_nm, node.voltage_v));
    EXPECT_EQ(none.energy, 1);
    EXPECT_EQ(none.delay, 1);
  }
}

// Every smaller node takes less energy and area; delay falls too, but for 20 nm, which is therefore not told.
TEST(Scaling, IsMonotoneWhereItTellsAnything) {
  const auto nodes = scaling_nodes();
  double delay = 1e9;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Scaling s = scaled(180, 1.8, fmt::format("{:g}@{:g}", nodes[i].node_nm, nodes[i].voltage_v));
    if (i > 0) {
      EXPECT_LT(nodes[i].energy, nodes[i - 1].energy);
      EXPECT_LT(nodes[i].area, nodes[i - 1].area);
    }
    EXPECT_EQ(s.delay.has_value(), nodes[i].node_nm != 20);
    if (!s.delay) continue;
    EXPECT_LT(*s.delay, delay);
    delay = *s.delay;
  }
  EXPECT_FALSE(scaled(20, 0.9, "7@0.7").delay.has_value());
}

TEST(Scaling, RefusesWhatTheTableDoesNotHave) {
  for (const char* target : {"28@0.9", "16@0.9", "16", "@0.8", "16@", "sixteen@0.8", "16@0.8V", "", "nan@nan"}) {
    EXPECT_THAT(refusal(target, 45, 1.1),
                AllOf(HasSubstr("--scale-to"), HasSubstr("expected NODE@VOLTAGE of 180@1.8, 130@1.2")))
        << target;
  }
  EXPECT_THAT(refusal("16@0.8", std::nullopt, 1.1), HasSubstr("whose node is known"));
  EXPECT_THAT(refusal("16@0.8", 2, 0.7), HasSubstr("cannot start from a library of 2 nm at 0.7 V"));
  EXPECT_THAT(refusal("16@0.8", 130, 1.8), HasSubstr("130 nm at 1.8 V"));
}

}  // namespace
}  // namespace subbyte::sim
