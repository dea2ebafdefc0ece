// libFuzzer target that reads any text as a Liberty library, by both readers.
#include "tests/fuzz/liberty_reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  subbyte::sim::read_any_liberty({reinterpret_cast<const char*>(data), size});
  return 0;
}
