// libFuzzer target that reads any bytes as every vocabulary file (the first byte says which), and then as text for what
// was read.
#include "sim/checkpoint/tokenizer_readers.hpp"

namespace {

using namespace subbyte::sim;

Vocabulary read(std::uint8_t which, const FileBytes& file) {
  if (which % 3 == 0) return read_llama2c_vocabulary(file);
  if (which % 3 == 1) return read_character_vocabulary(file);
  return read_json_vocabulary(file, FileBytes::own({'h', 'i', '\n'}, "merges.txt"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Tokenizer tokenizer(read(data[0], FileBytes::own({data + 1, data + size}, "fuzz")));
    for (const std::uint32_t id : tokenizer.encode(text)) {
      if (id >= tokenizer.size()) __builtin_trap();
    }
    tokenizer.decode(tokenizer.encode(text));
  } catch (const InputError&) {
    return 0;
  }
  return 0;
}
