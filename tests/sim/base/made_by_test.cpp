// Tests what a record says of the program, the day and the machine that made it.
#include "sim/base/made_by.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

class MadeBy : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("SOURCE_DATE_EPOCH"); }
};

TEST_F(MadeBy, NamesProgramDayAndMachine) {
  ::unsetenv("SOURCE_DATE_EPOCH");
  set_version("1.2.3", "abcdef");
  const nlohmann::json stamp = made_by();
  EXPECT_EQ(stamp.at("program"), "subbyte 1.2.3");
  EXPECT_EQ(stamp.at("revision"), "abcdef");
  const auto date = stamp.at("date").get<std::string>();
  EXPECT_EQ(date.size(), 20U) << date;
  EXPECT_TRUE(date.starts_with("20") && date.ends_with("Z")) << date;
  EXPECT_FALSE(stamp.at("machine").at("cpu").get<std::string>().empty());
  EXPECT_GT(stamp.at("machine").at("cores").get<int>(), 0);
}

TEST_F(MadeBy, IsTheSameAgainWhereTheDateIsFixed) {
  ::setenv("SOURCE_DATE_EPOCH", "86400", 1);
  const nlohmann::json stamp = made_by();
  EXPECT_EQ(stamp.at("date"), "1970-01-02T00:00:00Z");
  EXPECT_FALSE(stamp.contains("machine"));
  EXPECT_EQ(stamp, made_by());
  for (const char* wrong : {"yesterday", "12x", "-1"}) {
    ::setenv("SOURCE_DATE_EPOCH", wrong, 1);
    EXPECT_THROW(made_by(), InputError) << wrong;
  }
}

}  // namespace
}  // namespace subbyte::sim
