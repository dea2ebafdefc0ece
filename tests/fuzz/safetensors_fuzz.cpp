// libFuzzer target that reads any bytes as a safetensors file.
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/fuzz/reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(data, size, [](const auto& file) { return subbyte::sim::open_safetensors(file); });
}
