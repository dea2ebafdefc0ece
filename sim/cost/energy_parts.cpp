#include "sim/cost/energy_parts.hpp"

#include <fmt/format.h>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

constexpr double kPico = 1e-12;
constexpr double kKib = 1024;

}  // namespace

bool is_work(const EnergyPart& part) {
  return part.unit == "unit" && (part.action == kWork || part.action == kWorkWithoutTokens);
}

EnergyPart energy_part(const std::string& unit, std::string_view action, double count, double pj_each,
                       const std::string& source, const std::string& citation) {
  return {unit, std::string(action), count, pj_each, count * pj_each * kPico, {}, {}, source, citation};
}

void set_range(EnergyPart& part, double low_pj, double high_pj) {
  part.low_j = part.count * low_pj * kPico;
  part.high_j = part.count * high_pj * kPico;
}

std::string table_source(const std::string& entry, const TableFile& file) {
  return fmt::format("table: {}{}", entry, file.own ? " of " + file.name : "");
}

std::string bank_source(const SramEntry& bank, const TableFile& file) {
  return table_source(fmt::format("{}, {:g} KiB", bank.technology, static_cast<double>(bank.capacity_bytes) / kKib),
                      file);
}

void require_write_energy(const SramEntry& bank) {
  if (!bank.write_pj)
    throw InputError("", fmt::format("SRAM '{}', words of {} bits", bank.technology, bank.word_bits),
                     "has no energy of a write in its table, expected one; --sram gives another entry or table");
}

void add_dram(std::vector<EnergyPart>& parts, const Traffic& traffic, const DramEntry& dram, const TableFile& file) {
  const auto add = [&](const char* what, std::uint64_t bytes) {
    parts.push_back(energy_part("DRAM", what, 8 * static_cast<double>(bytes), dram.pj_per_bit,
                                table_source(dram.name, file), dram.source));
    if (dram.low < dram.high) set_range(parts.back(), dram.low, dram.high);
  };
  add("bits of weights", traffic.weight_bytes);
  add("bits of activations", traffic.activation_bytes);
  add("bits of outputs", traffic.output_bytes);
}

}  // namespace subbyte::sim
