// libFuzzer target: any bytes as a gguf file.
#include "sim/gguf.hpp"
#include "sim/reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(data, size, subbyte::sim::open_gguf);
}
