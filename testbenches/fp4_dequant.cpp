// The Verilated fp4_dequant behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vfp4_dequant.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vfp4_dequant>(run);
}
