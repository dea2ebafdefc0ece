// The Verilated matquant_slice behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vmatquant_slice.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vmatquant_slice>(run);
}
