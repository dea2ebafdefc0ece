// Files that gzip packed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Whether the bytes begin as a gzip file does.
bool is_gzip(std::string_view bytes);

/// The text of a gzip file, all its members one after the other. A small file can hold any amount of text: throws
/// std::length_error as soon as it comes to more than `most` bytes, and std::runtime_error saying what is wrong with a
/// file that is cut, damaged, or followed by other bytes.
std::string unpack_gzip(std::string_view bytes, std::size_t most);

}  // namespace subbyte::sim
