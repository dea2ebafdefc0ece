// Reads the vocabulary files from bytes. Tokenizer::open reads through these functions, and the fuzzer feeds them.
#pragma once

#include <optional>

#include "sim/base/file_bytes.hpp"
#include "sim/checkpoint/tokenizer.hpp"

namespace subbyte::sim {

/// Reads llama2.c's tokenizer.bin: BOS is 1, unknown is 0, and byte b is token b + 3. Throws InputError with the
/// offset.
Vocabulary read_llama2c_vocabulary(const FileBytes& file);
/// Reads one character per line and ignores anything after the last tab. Throws InputError with the line.
Vocabulary read_character_vocabulary(const FileBytes& file);
/// Reads {"token": id, ...}. The tokens are words, or byte-level BPE when one begins with "Ġ", which needs merges.txt.
/// Throws InputError.
Vocabulary read_json_vocabulary(const FileBytes& file, const std::optional<FileBytes>& merges);

}  // namespace subbyte::sim
