// Tests that every unit of kernels/units.def has its row in models/catalogue.cpp, in the same order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/catalogue.hpp"

namespace subbyte {
namespace {

TEST(ModelCatalogue, RowsAreTheUnitsInTheirOrder) {
  const std::vector<std::string_view> units{
#define SUBBYTE_UNIT(name) #name,
#include "kernels/units.def"
// Machines come behind the units.
#include "kernels/machines.def"
#undef SUBBYTE_UNIT
  };
  EXPECT_FALSE(units.empty());
  EXPECT_THAT(models::modelled_units(), testing::ElementsAreArray(units));
}

}  // namespace
}  // namespace subbyte
