// libFuzzer target that reads any bytes as a npy file.
#include "sim/checkpoint/checkpoint.hpp"
#include "sim/checkpoint/open_checkpoint.hpp"
#include "tests/fuzz/reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return subbyte::sim::read_all(data, size, subbyte::sim::open_npy);
}
