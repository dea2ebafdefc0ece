// Which RTL files a module is made of. A file holds one module and has its name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct RtlSources {
  std::vector<std::filesystem::path> files;  ///< in reading order, so that what a file names comes before it
  std::vector<std::filesystem::path> include_dirs;
  std::string hash;  ///< hash of the contents without comments, those of `include`d files among them
  /// the modules with a file directly in the folder that the contents name, in order, each behind a blank. They are
  /// units, which are mapped apart; whether a module is one is no part of the hash.
  std::string units;
};

/// Returns the folders in which modules are looked for, in this order: the lines of `rtl`/search_path.txt that are
/// folders, or `rtl` alone where it has no such file.
std::vector<std::filesystem::path> rtl_folders(const std::filesystem::path& rtl);

/// Returns the file of `module`, and those of every module and package that it names, from the folders of `rtl`. Throws
/// InputError, which names the folder, when the module has no file.
RtlSources rtl_sources(const std::filesystem::path& rtl, std::string_view module);

/// Returns true for a module with a file directly in `rtl`. Such a module is a unit and has an area of its own; its
/// parts are flattened into it.
bool is_unit_module(const std::filesystem::path& rtl, std::string_view module);

}  // namespace subbyte::sim
