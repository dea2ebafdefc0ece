// Integers of 128 bits. They are needed because the product of an exact group sum and a scale has 75 bits.
#pragma once

namespace subbyte::kernels {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace subbyte::kernels
