#include "sim/base/paths.hpp"

#include <cstdlib>
#include <string_view>

namespace subbyte::sim {
namespace fs = std::filesystem;

const fs::path& source_folder() {
  static const fs::path folder = SUBBYTE_SOURCE_DIR;
  return folder;
}

const fs::path& binary_folder() {
  static const fs::path folder = SUBBYTE_BINARY_DIR;
  return folder;
}

fs::path cache_folder(std::string_view name) {
  const char* chosen = std::getenv("SUBBYTE_CACHE");
  return fs::absolute((chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : binary_folder() / "cache") / name);
}

}  // namespace subbyte::sim
