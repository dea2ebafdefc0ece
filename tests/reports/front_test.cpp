// The Pareto front of a sweep: plain domination, and what a tolerance changes.
#include "reports/front.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace subbyte::reports {
namespace {

std::vector<Judged> exact(const std::vector<std::vector<double>>& values) {
  std::vector<Judged> points;
  for (const auto& row : values) points.push_back({row, std::vector<double>(row.size(), 0)});
  return points;
}

std::vector<bool> on_front(const std::vector<Judged>& points) {
  std::vector<bool> front;
  for (const FrontPlace& place : pareto_front(points)) front.push_back(place.on_front);
  return front;
}

TEST(ParetoFront, DominatedTiedAndMissing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(on_front(exact({{3, 1}, {1, 3}, {2, 2}, {1, 1}, {3, nan}, {2, 2}})),
            (std::vector<bool>{true, true, true, false, false, true}));
  EXPECT_EQ(on_front(exact({{1, 1}, {1, 2}})), (std::vector<bool>{false, true}));
  EXPECT_TRUE(on_front({}).empty());
}

/// The report of a user: 24.587463 dB, 0.295 uJ, 109 mm2 cycles beside 24.587462 dB, 0.257 uJ, 66.
TEST(ParetoFront, AMillionthOfADecibelKeepsNoPoint) {
  const std::vector<double> bit_serial{24.587463, -0.295, -109}, figna{24.587462, -0.257, -66};
  EXPECT_EQ(on_front(exact({bit_serial, figna})), (std::vector<bool>{true, true}));
  const auto places = pareto_front({{bit_serial, {0.05, 0.00295, 1.09}}, {figna, {0.05, 0.00257, 0.66}}});
  EXPECT_FALSE(places[0].on_front);
  EXPECT_EQ(places[0].within_tolerance_of, 1U);
  EXPECT_TRUE(places[1].on_front);
  EXPECT_FALSE(places[1].within_tolerance_of);
}

TEST(ParetoFront, PointsThatDifferByLessThanTheToleranceStayTogether) {
  EXPECT_EQ(on_front({{{1.00, 1.01}, {0.05, 0.05}}, {{1.01, 1.00}, {0.05, 0.05}}}), (std::vector<bool>{true, true}));
}

TEST(ParetoFront, TheLargerToleranceOfTwoPointsHolds) {
  EXPECT_EQ(on_front({{{1.0, 1.0}, {0.2, 0}}, {{0.9, 2.0}, {0, 0}}}), (std::vector<bool>{false, true}));
  EXPECT_EQ(on_front({{{1.0, 1.0}, {0, 0}}, {{0.9, 2.0}, {0, 0}}}), (std::vector<bool>{true, true}));
}

/// Twenty points, each 0.04 dB worse and 2 % better in energy than the one before, within 0.05 dB: one that leaves is
/// within tolerance of one that stays, so that the whole range is kept.
TEST(ParetoFront, AChainKeepsItsRange) {
  std::vector<Judged> points;
  for (int i = 0; i < 20; ++i) {
    const double energy = std::pow(0.98, i);
    points.push_back({{20 - 0.04 * i, -energy}, {0.05, 0.01 * energy}});
  }
  const auto places = pareto_front(points);
  EXPECT_TRUE(places[0].on_front || places[1].on_front);
  EXPECT_TRUE(places[19].on_front);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (places[i].on_front) continue;
    ASSERT_TRUE(places[i].within_tolerance_of);
    EXPECT_LE(points[i].values[0] - points[*places[i].within_tolerance_of].values[0], 0.05 + 1e-9);
  }
}

/// Each point is within tolerance of the next and better elsewhere: the front must not lose all of them.
TEST(ParetoFront, ACircleKeepsAPoint) {
  const std::vector<double> tolerance{1, 1, 1};
  const auto places =
      pareto_front({{{0.0, 2.0, 1.0}, tolerance}, {{1.0, 0.0, 2.1}, tolerance}, {{2.1, 1.0, 0.0}, tolerance}});
  EXPECT_GT(std::ranges::count(places, true, &FrontPlace::on_front), 0);
}

/// Of random points: without tolerance the front is that of the definition; with tolerance it is a part of it, and
/// every point that left names one that stayed and is no worse beyond the tolerance.
TEST(ParetoFront, RandomPoints) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> draw(0, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Judged> points;
    for (int i = 0; i < 20; ++i) points.push_back({{draw(random), draw(random), draw(random)}, {0.1, 0.1, 0.1}});
    std::vector<std::vector<double>> values;
    for (const Judged& point : points) values.push_back(point.values);
    const std::vector<bool> strict = on_front(exact(values));
    const auto places = pareto_front(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bool dominated = std::ranges::any_of(values, [&](const std::vector<double>& other) {
        return other != values[i] && std::ranges::equal(other, values[i], std::greater_equal<>());
      });
      ASSERT_EQ(strict[i], !dominated);
      ASSERT_TRUE(!places[i].on_front || strict[i]);
      ASSERT_EQ(places[i].within_tolerance_of.has_value(), strict[i] && !places[i].on_front);
      if (!places[i].within_tolerance_of) continue;
      const std::size_t stays = *places[i].within_tolerance_of;
      ASSERT_TRUE(places[stays].on_front);
      for (std::size_t k = 0; k < 3; ++k) ASSERT_LE(points[i].values[k], points[stays].values[k] + 0.1);
    }
    ASSERT_GT(std::ranges::count(places, true, &FrontPlace::on_front), 0);
  }
}

}  // namespace
}  // namespace subbyte::reports
