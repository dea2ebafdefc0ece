// Whole files or none: write under a temporary name in the same directory, flush to disk, rename.
#pragma once

#include <filesystem>
#include <string_view>

namespace subbyte::sim {

/// Replaces `path` by `content` in one step: a reader, or a restart after a kill, sees the old file or the
/// new one. `mark` distinguishes concurrent writers of one path (the process id by default does). Throws
/// std::runtime_error with the path and the system's reason; the temporary file is removed then.
void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           std::string_view mark = {});

}  // namespace subbyte::sim
