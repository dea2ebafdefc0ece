// What is said beside the joules of a core.
#include <fmt/format.h>

#include "sim/cost/core_energy.hpp"
#include "sim/cost/layer_energy_report.hpp"
#include "sim/mapping/mapping.hpp"

namespace subbyte::sim {
namespace {

nlohmann::ordered_json buffer_json(const CoreBuffer& buffer) {
  return {{"macros", buffer.macros},
          {"macros_of_a_word", buffer.of_word},
          {"macros_of_a_bus_word", buffer.of_bus},
          {"bytes_needed_of_a_macro", buffer.needed_bytes},
          {"macro", to_json(buffer.macro)}};
}

std::string key_of(std::string name) {
  for (char& c : name)
    if (c == ' ') c = '_';
  return name;
}

/// The core has no netlist, because it would make registers of its SRAMs.
std::string core_not_counted(const Design& design, const std::vector<CoreBuffer>& buffers, bool vector) {
  std::string text =
      "the core around its tiles and macros, of which there is no netlist: the controller and its loop nest, the "
      "windows that shift fields out of the buffers and unpack them, the registers between buffers and tiles, the "
      "FP32 adders of the output buffer, and the wires across the array; what activations switch in tiles without an "
      "output; a clock tree; the memory's controller and its pins, but for what the DRAM's entry has of them";
  for (const CoreBuffer& buffer : buffers)
    if (!buffer.macro.leakage_nw)
      text +=
          fmt::format("; leakage of the {}, of which the table '{}' has none", buffer.name, buffer.macro.technology);
  if (!design.unit->beside.empty()) text += "; " + design.unit->beside;
  if (vector)
    text +=
        "; of the vector unit, which has no netlist and whose operations are those of a table: its registers, its "
        "control, its clock, its leakage, and what moves numbers between its lanes";
  else if (activation_format(design) != "fp16")
    text +=
        "; what rounds each token to INT8 before the core, and the FP32 multiplication by the token's scale behind it";
  return text;
}

std::string buffers_text(const std::vector<CoreBuffer>& buffers) {
  std::string text =
      "every access that the RTL makes: two neighbouring words of the weight buffer and of each row's activations for "
      "a field (of the weights alone for a chunk's planes after the first), a word of every bank of the output buffer "
      "beside each result and for each word of Y";
  for (const CoreBuffer& buffer : buffers)
    if (buffer.needed_bytes < buffer.macro.capacity_bytes)
      text += fmt::format("; the {} needs macros of {} bytes, and the table's smallest, of {}, stands there",
                          buffer.name, buffer.needed_bytes, buffer.macro.capacity_bytes);
  return text;
}

}  // namespace

nlohmann::ordered_json core_energy_conditions(const Design& design, const CorePower& power,
                                              const Technology& technology, bool vector) {
  const std::string outputs = outputs_text(design, Traffic{});
  std::vector<CoreBuffer> buffers = core_buffers(design);
  if (vector) buffers.push_back(row_buffer(design));
  Design tile = design;
  tile.memory.weight_buffer_kib = tile.memory.activation_buffer_kib = 0;  // they are not those of a tile alone
  nlohmann::ordered_json conditions = energy_conditions(tile, power.tile, technology, outputs, Traffic{});
  conditions["buffer_technology"] = buffer_technology(design, technology);
  conditions["unit"] =
      "transitions of the mapped netlist of one tile, counted net by net under the layer's beats, with groups that are "
      "not cut and in the order of a tile alone; its mean cycle stands for every cycle with a chunk of every tile";
  if (kernels::CoreTile::of(design.core->parameters).planes())
    conditions["planes"] =
        "a tile alone has zeros beside a chunk's later planes, where the core holds the activations: the unit's energy "
        "has in it what switches at its inputs between the two";
  conditions["waiting"] =
      "the tiles' clocks run on where no chunk is there, whatever the cause: clock energy and leakage";
  conditions["padding"] = fmt::format(
      "zeros in the beats of a tile that has a token and an output; {}; a tile without an output has its clock alone",
      power.without_tokens
          ? fmt::format("a tile without a token takes {:.4g} pJ per cycle under the layer's weights and zeros",
                        power.without_tokens->pj_per_cycle)
          : std::string("no tile is without a token"));
  conditions["not_counted"] = core_not_counted(design, buffers, vector);
  conditions["buffers"] = buffers_text(buffers);
  if (vector)
    conditions["vector_unit"] = {{"operations", design.core->vector->arithmetic.technology},
                                 {"source", design.core->vector->arithmetic.source}};
  for (const CoreBuffer& buffer : buffers) conditions[key_of(buffer.name)] = buffer_json(buffer);
  return conditions;
}

}  // namespace subbyte::sim
