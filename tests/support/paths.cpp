#include "tests/support/paths.hpp"

namespace subbyte {

const std::filesystem::path& tested_source() {
  static const std::filesystem::path folder = SUBBYTE_SOURCE_DIR;
  return folder;
}

const std::filesystem::path& tested_build() {
  static const std::filesystem::path folder = SUBBYTE_BINARY_DIR;
  return folder;
}

}  // namespace subbyte
