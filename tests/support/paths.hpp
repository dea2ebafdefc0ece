// Says where the tree and the build are. It has a source file of its own, so that a moved tree compiles one file again.
#pragma once

#include <filesystem>

namespace subbyte {

const std::filesystem::path& tested_source();
const std::filesystem::path& tested_build();

}  // namespace subbyte
