// What to say of a word on the command line that belongs to no option.
#pragma once

#include <span>
#include <string>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {

/// The error of such a word; it names the option that would take it: --model for a file, else --unit where that is the
/// first of the command's `options`, or --format, where it has that, and else the first line of `usage`, its synopsis.
InputError stray_word(const std::string& usage, const std::string& word, std::span<const std::string> options);

}  // namespace subbyte::sim
