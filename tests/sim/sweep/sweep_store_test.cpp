// Where a sweep keeps its points: damage, folders that cannot be made, claims.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/base/input_error.hpp"
#include "sim/sweep/store.hpp"
#include "tests/support/byte_files.hpp"

namespace subbyte::tests {
namespace {

TEST(SweepStore, APointThatIsNotAsItWasWrittenIsNone) {
  const TemporaryDirectory folder;
  sim::SweepStore store(folder.path());
  const std::string path = folder / (std::string("points/k-") + sim::point_program() + ".json");
  {
    const auto claim = store.claim("k");
    store.save("k", {{"sqnr_db", 12.5}});
  }
  EXPECT_EQ(store.load("k"), (nlohmann::json{{"sqnr_db", 12.5}}));
  std::stringstream whole;
  whole << std::ifstream(path).rdbuf();
  std::string edited = whole.str();
  edited.replace(edited.find("12.5"), 4, "99.5");
  for (const std::string& text : {std::string("{\"half"), std::string("{}"), std::string("[]"), edited}) {
    write_bytes(path, text);
    EXPECT_EQ(store.load("k"), std::nullopt) << text;
  }
  std::filesystem::copy_file(path, folder / (std::string("points/j-") + sim::point_program() + ".json"));
  EXPECT_EQ(store.load("j"), std::nullopt) << "a point of another key";
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
