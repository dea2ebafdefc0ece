// Tests technologies: libraries that are found in the folders of the user, and what is said where they are not.
#include "sim/cells/technology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sim/base/input_error.hpp"
#include "sim/config/config_paths.hpp"

namespace subbyte::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Technologies, OfALibraryThatIsNotThereSayWhereToGetIt) {
  const char* kept = std::getenv("SUBBYTE_LIBERTY_PATH");
  const std::string old = kept != nullptr ? kept : "";
  const auto refusal = [] {
    try {
      read_technology("nangate45");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("read");
  };
  unsetenv("SUBBYTE_LIBERTY_PATH");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("technology 'nangate45'"), HasSubstr("OpenSTA"),
                               HasSubstr("SUBBYTE_LIBERTY_PATH is not set")));
  setenv("SUBBYTE_LIBERTY_PATH", "/nowhere:/nothing", 1);
  EXPECT_THAT(refusal(), HasSubstr("in none of /nowhere, /nothing"));
  // Any Liberty file under a name that the technology knows is found, here osu018's.
  const auto folder = std::filesystem::path(testing::TempDir()) / "libraries";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(read_technology("osu018").library.path, folder / "NangateOpenCellLibrary_typical.lib",
                             std::filesystem::copy_options::overwrite_existing);
  setenv("SUBBYTE_LIBERTY_PATH", ("/nowhere:" + folder.string()).c_str(), 1);
  const Technology found = read_technology("nangate45");
  EXPECT_EQ(found.library.name, "osu018_stdcells");
  EXPECT_EQ(found.node_nm, 45);
  EXPECT_EQ(found.wire_ff_per_um, 0.104);
  kept != nullptr ? setenv("SUBBYTE_LIBERTY_PATH", old.c_str(), 1) : unsetenv("SUBBYTE_LIBERTY_PATH");
}

TEST(Technologies, AreAllReadableAsFiles) {
  for (const std::string& name : config_names("technologies")) {
    try {
      const Technology technology = read_technology(name);
      EXPECT_FALSE(technology.remark.empty()) << name;
      EXPECT_EQ(technology.wire_ff_per_um.has_value(), !technology.wire_source.empty()) << name;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr("SUBBYTE_LIBERTY_PATH")) << name;  // not a ConfigError
    }
  }
}

}  // namespace
}  // namespace subbyte::sim
