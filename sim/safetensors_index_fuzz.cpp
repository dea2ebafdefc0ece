// libFuzzer target: any bytes as the index of shards, of which none exists.
#include "sim/reader_fuzz.hpp"
#include "sim/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(
      data, size, [](const subbyte::sim::FileBytes& file) { return subbyte::sim::open_sharded_safetensors(file); });
}
