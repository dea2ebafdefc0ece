// Tests lists separated by commas, and shell patterns.
#include "sim/base/lists.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace subbyte::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CommaList, PartsStandBetweenCommas) {
  EXPECT_THAT(comma_list(""), IsEmpty());
  EXPECT_THAT(comma_list("int4"), ElementsAre("int4"));
  EXPECT_THAT(comma_list("int4:g128,nf4, mxfp4"), ElementsAre("int4:g128", "nf4", " mxfp4"));
}

TEST(CommaList, AnEmptyPartIsKeptForItsReaderToRefuse) {
  EXPECT_THAT(comma_list(","), ElementsAre("", ""));
  EXPECT_THAT(comma_list("a,,b,"), ElementsAre("a", "", "b", ""));
}

TEST(CommaList, BracketsHoldTheirCommas) {
  EXPECT_THAT(comma_list(R"({"levels":[0,1],"bits":2},int4)"), ElementsAre(R"({"levels":[0,1],"bits":2})", "int4"));
}

TEST(ShellMatch, IsOfTheWholeName) {
  EXPECT_TRUE(shell_match("*", "model.layers.0.mlp.up_proj"));
  EXPECT_TRUE(shell_match("model.*.up_proj", "model.layers.0.mlp.up_proj"));
  EXPECT_TRUE(shell_match("layers.[02].?p", "layers.2.up"));
  EXPECT_FALSE(shell_match("layers.[02].?p", "layers.1.up"));
  EXPECT_FALSE(shell_match("mlp", "model.mlp"));
  EXPECT_TRUE(shell_match("*", "folder/x")) << "a slash is a character like any other";
  EXPECT_TRUE(shell_match("a*", std::string_view("abc").substr(0, 2)));
}

}  // namespace
}  // namespace subbyte::sim
