// The Verilated fp4_quant behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vfp4_quant.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vfp4_quant>(run);
}
