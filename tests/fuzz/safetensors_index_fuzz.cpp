// libFuzzer target that reads any bytes as the index of shards, of which none exists.
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "sim/files/safetensors.hpp"
#include "tests/fuzz/reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(
      data, size, [](const subbyte::sim::FileBytes& file) { return subbyte::sim::open_sharded_safetensors(file); });
}
