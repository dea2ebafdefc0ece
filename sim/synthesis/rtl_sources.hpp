// Which RTL files a module is made of. One module per file, so a file's name is its module's name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

struct RtlSources {
  std::vector<std::filesystem::path> files;  ///< in reading order: what a file names comes before it
  std::vector<std::filesystem::path> include_dirs;
  std::string hash;  ///< of the contents, `include`d files too, comments left out
};

/// The folders in which modules are looked for, in this order: the lines of `rtl`/search_path.txt that are folders;
/// `rtl` alone where it has no such file.
std::vector<std::filesystem::path> rtl_folders(const std::filesystem::path& rtl);

/// The file of `module` in the folders of `rtl` and of every module and package it names. Throws InputError naming the
/// folder when the module has no file.
RtlSources rtl_sources(const std::filesystem::path& rtl, std::string_view module);

/// True for a module with a file directly in `rtl`: a unit, with an area of its own; its parts are flattened
/// into it.
bool is_unit_module(const std::filesystem::path& rtl, std::string_view module);

}  // namespace subbyte::sim
