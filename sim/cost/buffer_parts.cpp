#include "sim/cost/buffer_parts.hpp"

#include <fmt/format.h>

#include "kernels/core/core_plan.hpp"
#include "sim/cost/core_macros.hpp"

namespace subbyte::sim {

CoreBuffer core_buffer(const Design& design, const char* name, std::uint64_t banks, unsigned width,
                       std::uint64_t bank_bytes) {
  const MacroArray array = macros_of(design.memory, width, bank_bytes);
  const std::uint64_t bus_bits = kernels::CoreParams::of(design.core->parameters).bus_bits();
  CoreBuffer buffer;
  buffer.name = name;
  buffer.of_word = array.of_word;
  buffer.of_bus = kernels::quotient_up(bus_bits, static_cast<std::uint64_t>(array.macro.word_bits));
  buffer.macros = banks * array.macros();
  buffer.needed_bytes = array.needed_bytes;
  buffer.macro = array.macro;
  require_write_energy(buffer.macro);
  return buffer;
}

BufferParts::BufferParts(const Design& design, const CoreBuffer& buffer, std::vector<EnergyPart>& parts)
    : buffer_(buffer), source_(bank_source(buffer.macro, design.memory.sram_file)), parts_(parts) {}

void BufferParts::writes(std::uint64_t words, std::uint64_t macros) {
  add("writes of {} bits", words * macros, *macro().write_pj);
}

void BufferParts::reads(const std::string& what, std::uint64_t words) {
  if (words > 0) add("reads of {} bits" + what, words * buffer_.of_word, macro().read_pj);
}

void BufferParts::passes(std::uint64_t words) {
  add("writes of {} bits for the vector unit", words * buffer_.of_bus, *macro().write_pj);
  add("reads of {} bits for the vector unit", words * buffer_.of_bus, macro().read_pj);
}

void BufferParts::leakage(double cycles, double clock_mhz) {
  if (macro().leakage_nw)
    parts_.push_back(energy_part(buffer_.name, kLeakage, cycles,
                                 static_cast<double>(buffer_.macros) * *macro().leakage_nw * 1e-3 / clock_mhz, source_,
                                 macro().source));
}

void BufferParts::add(const std::string& action, std::uint64_t count, double pj) {
  parts_.push_back(energy_part(buffer_.name, fmt::format(fmt::runtime(action), macro().word_bits),
                               static_cast<double>(count), pj, source_, macro().source));
}

}  // namespace subbyte::sim
