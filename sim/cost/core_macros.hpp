// Which macros of a memory table stand in place of a memory of the core.
#pragma once

#include <cstdint>

#include "sim/config/design.hpp"
#include "sim/synthesis/synthesis_result.hpp"

namespace subbyte::sim {

/// Macros side by side for the width of a word, and one after the other for the number of words.
struct MacroArray {
  std::uint64_t of_word = 1;  ///< that an access of a whole word opens
  std::uint64_t deep = 1;
  SramEntry macro;
  std::int64_t needed_bytes = 0;  ///< of a macro; its entry has more where the table has none as small

  std::uint64_t macros() const { return of_word * deep; }
};
/// Returns the macros of a memory of words of `width` bits and `bytes` in all. Throws InputError as sram_at() does.
MacroArray macros_of(const Memory& memory, std::uint64_t width, std::uint64_t bytes);

/// Returns what macros of the memory's table cost in place of the memories of a unit.
MacroTable macro_table(const Memory& memory);

}  // namespace subbyte::sim
