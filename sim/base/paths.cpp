#include "sim/base/paths.hpp"

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string_view>

namespace subbyte::sim {
namespace fs = std::filesystem;

const fs::path& source_folder() {
  static const fs::path folder = SUBBYTE_SOURCE_DIR;
  return folder;
}

namespace {

std::string& called_as() {
  static std::string name = "subbyte";
  return name;
}

}  // namespace

const std::string& program() { return called_as(); }

void set_program(const std::string& called) { called_as() = called; }

const fs::path& binary_folder() {
  static const fs::path folder = SUBBYTE_BINARY_DIR;
  return folder;
}

namespace {

/// Tells where the results are now: up to version 0.1 they lay beside the build.
void say_where_cache_went() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::error_code error;
    const fs::path old = binary_folder() / "synth";
    if (!fs::is_directory(old, error)) return;
    std::cerr << "subbyte: the results kept in " << old.string() << " are of an older version and are computed again "
              << "into " << (binary_folder() / "cache").string() << "; the old folder can be removed\n";
  });
}

}  // namespace

fs::path cache_folder(std::string_view name) {
  if (std::getenv("SUBBYTE_CACHE") == nullptr) say_where_cache_went();
  const char* chosen = std::getenv("SUBBYTE_CACHE");
  return fs::absolute((chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : binary_folder() / "cache") / name);
}

}  // namespace subbyte::sim
