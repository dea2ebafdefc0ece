// The Verilated ternary34_pack behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vternary34_pack.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vternary34_pack>(run);
}
