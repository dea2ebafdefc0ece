// Tests options of `subbyte reproduce` that belong to one reproduction alone.
#include <gtest/gtest.h>

#include "sim/base/input_error.hpp"
#include "sim/commands/command.hpp"

namespace subbyte::sim {
namespace {

TEST(ReproduceCommand, LibertyIsOfTheOperationsAlone) {
  const std::vector<std::string> words{"int-vs-fp", "--liberty", "osu018"};
  EXPECT_THROW(run_reproduce(words), InputError);
}

}  // namespace
}  // namespace subbyte::sim
