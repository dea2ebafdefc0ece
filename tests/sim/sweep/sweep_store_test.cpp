// Where a sweep keeps its points: damage, folders that cannot be made, claims.
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"
#include "sim/sweep/store.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

TEST(SweepStore, ADamagedPointIsNamed) {
  const TemporaryDirectory folder;
  sim::SweepStore store(folder.path());
  write_bytes(folder / (std::string("points/k-") + sim::point_program() + ".json"), "{\"half");
  try {
    store.load("k");
    FAIL() << "accepted";
  } catch (const sim::InputError& error) {  // wrong input, not an internal failure
    EXPECT_NE(std::string(error.what()).find(".json: not a sweep point"), std::string::npos) << error.what();
  }
}

TEST(SweepStore, AFolderThatCannotBeMadeIsWrongInput) { EXPECT_THROW(sim::SweepStore("/dev/null/x"), sim::InputError); }

TEST(SweepStore, AClaimExcludesOtherHolders) {
  const TemporaryDirectory folder;
  sim::SweepStore store(folder.path()), other(folder.path());
  {
    const auto claim = store.try_claim("k");
    ASSERT_TRUE(claim);
    EXPECT_FALSE(other.try_claim("k"));
    EXPECT_TRUE(other.try_claim("another"));
  }
  EXPECT_TRUE(other.try_claim("k"));
}

}  // namespace
}  // namespace subbyte::tests
