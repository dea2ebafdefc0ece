#include "sim/cost/buffer_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/core/core_plan.hpp"

namespace subbyte::sim {
namespace {

constexpr std::int64_t kKib = 1024;

}  // namespace

CoreBuffer core_buffer(const Design& design, const char* name, std::uint64_t banks, unsigned width,
                       std::uint64_t bank_bytes) {
  const Memory& memory = design.memory;
  const auto macro_bits = static_cast<std::uint64_t>(memory.sram.front().word_bits);
  CoreBuffer buffer;
  buffer.name = name;
  buffer.of_word = kernels::quotient_up(width, macro_bits);
  buffer.of_bus = kernels::quotient_up(kernels::CoreParams::of(design.core->parameters).bus_bits(), macro_bits);
  const std::uint64_t bytes = kernels::quotient_up(bank_bytes, buffer.of_word);
  const std::uint64_t deep = kernels::quotient_up(bytes, static_cast<std::uint64_t>(memory.sram_bank_kib * kKib));
  buffer.macros = banks * buffer.of_word * deep;
  buffer.needed_bytes = static_cast<std::int64_t>(kernels::quotient_up(bytes, deep));
  buffer.macro = sram_at(memory.sram, std::max(buffer.needed_bytes, memory.sram.front().capacity_bytes));
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
