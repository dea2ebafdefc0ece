// Tests that the macros that energy counts are the memories that the RTL has.
#include "sim/cost/core_macros.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "kernels/catalogue.hpp"
#include "sim/base/output_file.hpp"
#include "sim/cost/core_energy.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

std::string shape_text(const SramEntry& macro, std::int64_t needed_bytes) {
  return std::to_string(macro.capacity_bytes) + " for " + std::to_string(needed_bytes);
}

class CoreMacros : public testing::TestWithParam<const char*> {};

TEST_P(CoreMacros, AreTheMemoriesOfTheRtl) {
  const Design design = read_design(GetParam());
  std::map<std::string, std::uint64_t> counted, there;
  for (const CoreBuffer& buffer : core_buffers(design))
    counted[shape_text(buffer.macro, buffer.needed_bytes)] += buffer.macros;

  const CellLibrary library = read_cell_library(kOsu018);
  const ScratchFolder scratch(std::filesystem::temp_directory_path());
  SynthesisOptions options;
  options.cache = scratch.path();
  const kernels::UnitInfo& core = kernels::unit("core");
  for (const Part& part :
       elaborate(open_flow(library, options), core.name, rtl_parameters(core, design.core->parameters))) {
    if (!part.macro) continue;
    const MemoryShape shape = shape_of(part);
    const auto bits = static_cast<std::uint64_t>(shape.width * shape.depth);
    const MacroArray array = macros_of(design.memory, static_cast<std::uint64_t>(shape.width), (bits + 7) / 8);
    there[shape_text(array.macro, array.needed_bytes)] += array.macros() * part.instances;
    EXPECT_EQ(macro_table(design.memory)(shape).macros, array.macros());
  }
  EXPECT_EQ(there, counted);
}

INSTANTIATE_TEST_SUITE_P(Designs, CoreMacros,
                         testing::Values("bitmod-core-4x4", "bitmod-core-32x32", "fp16-core-24x32", "figna-core-32x32",
                                         "int8-core-4x4", "ternary34-core-4x4", "dequant-core-4x4", "plane-core-4x4",
                                         "ternary-int8-core-4x4"));

}  // namespace
}  // namespace subbyte::sim
