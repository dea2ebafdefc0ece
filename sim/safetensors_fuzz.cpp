// libFuzzer target: any bytes as a safetensors file.
#include "sim/reader_fuzz.hpp"
#include "sim/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(data, size, [](const auto& file) { return subbyte::sim::open_safetensors(file); });
}
