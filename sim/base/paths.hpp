// Where the program's own files are. Only one source file knows it, so that a moved tree compiles one file again.
#pragma once

#include <filesystem>
#include <string>

namespace subbyte::sim {

/// Returns the source tree; rtl/, testbenches/ and configs/ are read from it at run time.
const std::filesystem::path& source_folder();
/// Returns how the user called this program: the path, or the name alone where the shell found it on PATH. It is
/// "subbyte" until set_program() is called, which main() does.
const std::string& program();
void set_program(const std::string& called);
/// Returns the build tree, which holds the caches unless SUBBYTE_CACHE names another folder.
const std::filesystem::path& binary_folder();
/// Returns $SUBBYTE_CACHE/`name`, or `name` in the build tree's cache/.
std::filesystem::path cache_folder(std::string_view name);

}  // namespace subbyte::sim
