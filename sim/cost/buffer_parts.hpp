// The buffers of a core as macros of the memory table, and the rows of an energy that their accesses are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/design.hpp"
#include "sim/cost/energy_parts.hpp"

namespace subbyte::sim {

/// One of the core's buffers.
struct CoreBuffer {
  std::string name;
  std::uint64_t macros = 0;   ///< all of them
  std::uint64_t of_word = 1;  ///< that an access of a whole word opens
  std::uint64_t of_bus = 1;   ///< that a word of the memory's bus is written into
  SramEntry macro;
  std::int64_t needed_bytes = 0;  ///< of a macro; its entry has more where the table has none as small
};

/// Returns `banks` memories of words of `width` bits, each of `bank_bytes`. Throws InputError as sram_at() does, and
/// for a table without the energy of a write.
CoreBuffer core_buffer(const Design& design, const char* name, std::uint64_t banks, unsigned width,
                       std::uint64_t bank_bytes);

/// Adds the rows of one buffer.
class BufferParts {
 public:
  BufferParts(const Design& design, const CoreBuffer& buffer, std::vector<EnergyPart>& parts);
  /// `words` that are written into so many macros each.
  void writes(std::uint64_t words, std::uint64_t macros);
  /// `words` of the buffer that are read, for what `what` says: ", added to".
  void reads(const std::string& what, std::uint64_t words);
  /// Words of the memory's bus that the vector unit is given, or gives.
  void passes(std::uint64_t words);
  void leakage(double cycles, double clock_mhz);

 private:
  const SramEntry& macro() const { return buffer_.macro; }
  void add(const std::string& action, std::uint64_t count, double pj);

  const CoreBuffer& buffer_;
  std::string source_;
  std::vector<EnergyPart>& parts_;
};

}  // namespace subbyte::sim
