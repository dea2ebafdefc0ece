// Tests what is kept by content and version: whose values are given back, what is damaged, and what is said of values
// that other code kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/base/cache.hpp"
#include "sim/base/process.hpp"

namespace subbyte::sim {
namespace {

using ::testing::EndsWith;

class Kept : public testing::Test {
 protected:
  Kept() : folder_(std::filesystem::temp_directory_path()) {}
  /// What a cache of that version gives for the key when `fresh` would be made, and what it says.
  int ask(const std::string& version, const std::string& key, int fresh) {
    testing::internal::CaptureStderr();
    const int value = JsonCache(folder_.path(), version).get(key, [&] { return nlohmann::json(fresh); });
    said_ = testing::internal::GetCapturedStderr();
    return value;
  }
  ScratchFolder folder_;
  std::string said_;
};

TEST_F(Kept, ValuesAreThoseOfTheirVersion) {
  EXPECT_EQ(ask("aa", "k", 1), 1);
  EXPECT_EQ(ask("aa", "k", 2), 1);
  EXPECT_EQ(said_, "");
  EXPECT_EQ(ask("bb", "another", 3), 3);
  EXPECT_EQ(said_, "") << "nothing of that key was kept";
  EXPECT_EQ(ask("bb", "k", 4), 4);
  EXPECT_EQ(said_, folder_.path().string() + ": what another version of this program kept there is computed again\n");
  EXPECT_EQ(ask("cc", "k", 5), 5);
  EXPECT_EQ(said_, "") << "it is said once";
  EXPECT_EQ(ask("aa", "k", 6), 1) << "versions stand side by side";
}

TEST_F(Kept, AFolderWithoutVersionsIsSaidToBeOld) {
  std::ofstream(folder_.path() / "0123456789abcdef0123456789abcdef.json") << "{}";
  EXPECT_EQ(ask("aa", "k", 1), 1);
  EXPECT_THAT(said_, EndsWith("is computed again\n"));
  EXPECT_EQ(ask("aa", "k", 2), 1);
}

TEST_F(Kept, DamageIsReplacedInSilence) {
  EXPECT_EQ(ask("aa", "k", 1), 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    if (entry.path().extension() == ".json") std::ofstream(entry.path()) << "{";
  EXPECT_EQ(ask("aa", "k", 2), 2);
  EXPECT_EQ(said_, "");
  EXPECT_EQ(ask("aa", "k", 3), 2);
}

}  // namespace
}  // namespace subbyte::sim
