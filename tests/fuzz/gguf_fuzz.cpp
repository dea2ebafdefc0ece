// libFuzzer target that reads any bytes as a gguf file, and its tokenizer too.
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/gguf_llama.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/gguf.hpp"
#include "tests/fuzz/reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace subbyte::sim;
  try {
    gguf_tokenizer(read_gguf(FileBytes::own({data, data + size}, "fuzz")));
  } catch (const InputError&) {
  }
  return read_all(data, size, open_gguf);
}
