// libFuzzer target that reads any text as structural Verilog, which is flattened and timed.
#include "tests/fuzz/netlist_reader_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  subbyte::sim::read_any_netlist({reinterpret_cast<const char*>(data), size});
  return 0;
}
