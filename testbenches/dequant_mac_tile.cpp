// The Verilated dequant_mac_tile behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vdequant_mac_tile.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vdequant_mac_tile>(run);
}
