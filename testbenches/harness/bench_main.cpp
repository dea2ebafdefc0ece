// The one C entry point of every Verilated unit. verilate.sh compiles it with -DVERILATED=V<unit> and the header's
// name.
#define SUBBYTE_TEXT(name) #name
#define SUBBYTE_HEADER(name) SUBBYTE_TEXT(name)
#include SUBBYTE_HEADER(VERILATED_HEADER)

#include "testbenches/harness/stream_bench.hpp"

extern "C" __attribute__((visibility("default"))) int subbyte_bench(subbyte::testbenches::BenchRun* run) {
  return subbyte::testbenches::run_bench<VERILATED>(run);
}
