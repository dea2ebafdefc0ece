// The vocabulary files, from bytes: what Tokenizer::open reads and the fuzzer feeds.
#pragma once

#include <optional>

#include "sim/base/file_bytes.hpp"
#include "sim/checkpoint/tokenizer.hpp"

namespace subbyte::sim {

/// llama2.c tokenizer.bin: BOS 1, unknown 0, byte b is token b + 3. Throws InputError with the offset.
Vocabulary read_llama2c_vocabulary(const FileBytes& file);
/// One character per line, anything after the last tab ignored. Throws InputError with the line.
Vocabulary read_character_vocabulary(const FileBytes& file);
/// {"token": id, ...}: words, or byte-level BPE when a token begins with "Ġ", which needs merges.txt. Throws
/// InputError.
Vocabulary read_json_vocabulary(const FileBytes& file, const std::optional<FileBytes>& merges);

}  // namespace subbyte::sim
