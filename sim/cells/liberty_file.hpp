// Reads the text of a Liberty file, plain or gzip.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Returns the decompressed text. Throws InputError for what cannot be read or unpacked, and for more than 1 GiB of
/// text.
std::string liberty_text(const std::filesystem::path& path);

/// Returns the text without its `default_wire_load` attributes. Interconnect is not modelled, so a library's default
/// must not enter in silence.
std::string without_wire_loads(std::string_view text);

}  // namespace subbyte::sim
