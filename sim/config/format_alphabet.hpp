// Reads what a code of a user's format means; private to format_file.cpp.
#pragma once

#include "quant/formats/user_format.hpp"
#include "sim/config/config.hpp"

namespace subbyte::sim {

/// Reads `alphabet` but for its special values. What cannot be read is a problem of the node; a level of it is NaN.
quant::UserAlphabet read_alphabet(ConfigNode& alphabet);
/// Reads `alphabet.special` into the alphabet.
void read_special(ConfigNode& special, quant::UserAlphabet& made);

}  // namespace subbyte::sim
