// What a word of a user names: a name of configs/, or the path of a file. Paths inside configuration files are relative
// to the file that they stand in.
#pragma once

#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Returns `word`, a path in the key's value, as a path of the current folder. `file` is the part of it that must be
/// there. A path that is meant from the current folder is recorded as a problem of the node, and gives nothing.
std::optional<std::string> path_beside(ConfigNode& node, std::string_view key, const std::string& word,
                                       const std::string& file);

/// What kind of file a word may name: designs, formats and policies (.yaml, .yml), Liberty files (.lib, .lib.gz), or
/// tables (.csv).
enum class FileKind { kYaml, kLiberty, kTable };
/// The one rule by which a word is the path of a file and no name: it has a '/', or it ends as files of its kind do.
bool is_path(std::string_view word, FileKind kind);

/// Says why a path is no file that can be read ("is not there", "is a directory", "is no regular file"); empty where it
/// is one.
std::string why_no_file(const std::filesystem::path& path);

/// Returns the names that a folder of configs/ holds ("designs", "technologies") in alphabetical order: its YAML files
/// without their endings. Throws InputError for a folder that is not there, as where the sources were moved away.
std::vector<std::string> config_names(std::string_view folder);
/// Returns the file of such a name, which may not be there.
std::filesystem::path config_file(std::string_view folder, std::string_view name);

/// Records why what a key names could not be read, `word` in its value and `path` from the current folder: what has a
/// file or a place of its own keeps it, and the rest is a problem of the key.
void pass_on(ConfigNode& node, std::string_view key, const std::string& word, const std::string& path,
             const std::exception& error);

}  // namespace subbyte::sim
