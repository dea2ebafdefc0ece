// This is included first in every Verilated translation unit. What a unit prints ($error, $fatal) is kept as the run's
// error text instead of going to standard output, which belongs to the command.
#pragma once

#define VL_PRINTF subbyte_bench_print
extern "C" int subbyte_bench_print(const char* format, ...);
