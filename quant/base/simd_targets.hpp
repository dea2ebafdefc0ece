// Which instruction sets code on Highway is compiled for. Each of them compiles such a file again, so that on x86 there
// are AVX-512, AVX2 and plain code alone: no machine of the last ten years stops between the last two. What includes a
// header of Highway that knows targets includes this one first.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#include <hwy/targets.h>
