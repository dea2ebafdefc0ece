#include "sim/cost/core_macros.hpp"

#include <algorithm>

#include "kernels/core/core_plan.hpp"
#include "sim/cost/layer_energy_report.hpp"

namespace subbyte::sim {
namespace {

constexpr std::int64_t kKib = 1024;

}  // namespace

MacroArray macros_of(const Memory& memory, std::uint64_t width, std::uint64_t bytes) {
  MacroArray array;
  array.of_word = kernels::quotient_up(width, static_cast<std::uint64_t>(memory.sram.front().word_bits));
  const std::uint64_t column = kernels::quotient_up(bytes, array.of_word);
  array.deep = kernels::quotient_up(column, static_cast<std::uint64_t>(memory.sram_bank_kib * kKib));
  array.needed_bytes = static_cast<std::int64_t>(kernels::quotient_up(column, array.deep));
  array.macro = sram_at(memory.sram, std::max(array.needed_bytes, memory.sram.front().capacity_bytes));
  return array;
}

MacroTable macro_table(const Memory& memory) {
  return [memory](const MemoryShape& shape) {
    const auto width = static_cast<std::uint64_t>(shape.width);
    const auto bits = width * static_cast<std::uint64_t>(shape.depth);
    const MacroArray array = macros_of(memory, width, kernels::quotient_up(bits, 8));
    MacroFigures figures;
    figures.macros = array.macros();
    if (array.macro.area_um2) figures.area_um2 = *array.macro.area_um2 * static_cast<double>(array.macros());
    figures.access_ns = array.macro.access_ns;
    figures.source = bank_source(array.macro, memory.sram_file);
    return figures;
  };
}

}  // namespace subbyte::sim
