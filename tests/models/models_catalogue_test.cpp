// Tests that every unit of kernels/units.def has its row in models/catalogue.cpp, in the same order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/catalogue.hpp"
#include "models/catalogue.hpp"

namespace subbyte {
namespace {

TEST(ModelCatalogue, RowsAreTheUnitsInTheirOrder) {
  const std::vector<std::string_view> units{
#define SUBBYTE_UNIT(name) #name,
#include "kernels/units.def"
// Machines come behind the units, and behind them what has no RTL.
#include "kernels/machines.def"
#include "kernels/without_rtl.def"
#undef SUBBYTE_UNIT
  };
  EXPECT_FALSE(units.empty());
  EXPECT_THAT(models::modelled_units(), testing::ElementsAreArray(units));
}

TEST(ModelCatalogue, TheUnitsWithoutRtlSaySo) {
  const std::vector<std::string> listed{
#define SUBBYTE_UNIT(name) #name,
#include "kernels/without_rtl.def"
#undef SUBBYTE_UNIT
  };
  std::vector<std::string> saying;
  for (const std::vector<kernels::UnitInfo>* list : {&kernels::units(), &kernels::machines()})
    for (const kernels::UnitInfo& info : *list)
      if (!info.rtl) saying.push_back(info.name);
  EXPECT_THAT(saying, testing::ElementsAreArray(listed));
}

}  // namespace
}  // namespace subbyte
