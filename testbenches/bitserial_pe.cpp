// The Verilated bitserial_pe behind the bench's C entry point (built by rtl/verilate.sh).
#include "Vbitserial_pe.h"
#include "testbenches/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<Vbitserial_pe>(run);
}
