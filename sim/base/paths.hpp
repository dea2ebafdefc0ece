// Where the program's own files are. Known to one source file alone, so that a moved tree compiles one file again.
#pragma once

#include <filesystem>

namespace subbyte::sim {

/// The source tree: rtl/, testbenches/ and configs/ are read from it at run time.
const std::filesystem::path& source_folder();
/// The build tree, which holds the caches unless SUBBYTE_CACHE names another folder.
const std::filesystem::path& binary_folder();
/// $SUBBYTE_CACHE/`name`, or `name` in the build tree's cache/.
std::filesystem::path cache_folder(std::string_view name);

}  // namespace subbyte::sim
