// Reads files that gzip packed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Tells whether the bytes begin as a gzip file does.
bool is_gzip(std::string_view bytes);

/// Returns the text of a gzip file, with all its members one after the other. A small file can hold any amount of
/// text: this throws std::length_error as soon as the text comes to more than `most` bytes, and std::runtime_error,
/// which says what is wrong, for a file that is cut, damaged, or followed by other bytes.
std::string unpack_gzip(std::string_view bytes, std::size_t most);

}  // namespace subbyte::sim
