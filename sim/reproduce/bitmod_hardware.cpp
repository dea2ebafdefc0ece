// BitMoD's energy per MAC (HPCA'25: Table X, its hardware spreadsheet and the constants of its simulator) beside ours:
// the tiles are synthesised, and their gates are simulated on a layer's trained weights and on uniformly random codes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/catalogue.hpp"
#include "sim/area/area.hpp"
#include "sim/base/parallel_for.hpp"
#include "sim/base/progress.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy_operands.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/reproduce/reproduce.hpp"

namespace subbyte::sim {
namespace {

/// Holds one tile and its published energy: 0.56 pJ in every cycle of a PE of four lanes, times terms over lanes, and
/// 0.77 pJ for an FP16 PE; 0 stands where nothing is published.
struct Contender {
  std::string_view name;
  std::string_view unit;
  bool published_widths;  ///< of the PE: sums of 14 bits, 3 bits kept in alignment, truncation
  std::string_view format;
  double published_pj;
};

constexpr std::array kContenders{
    Contender{"FP16", "fp16_mac_tile", false, "int8", 0.77},
    Contender{"INT8", "bitserial_tile", false, "int8", 0.56},
    Contender{"INT6", "bitserial_tile", false, "int6", 0.42},
    Contender{"FP4", "bitserial_tile", false, "bitmod-fp4", 0.28},
    Contender{"FP3", "bitserial_tile", false, "bitmod-fp3", 0.28},
    Contender{"INT8, published PE widths", "bitserial_tile", true, "int8", 0.56},
    Contender{"FP4, published PE widths", "bitserial_tile", true, "bitmod-fp4", 0.28},
    Contender{"ternary 3:4", "ternary_tile", false, "sherry", 0},
};

struct Measured {
  EnergyResult result;
  double pj_per_mac = 0;  ///< energy with glitches
  double terms = 1;
  double entropy = 0;  ///< in bits per code
};

kernels::Parameters parameters_of(const Contender& contender) {
  kernels::Parameters given;
  if (contender.published_widths) given = published_pe_parameters();
  return kernels::resolve(kernels::unit(contender.unit), given);
}

Measured measure(const Contender& contender, const SynthesisFlow& flow, bool random, std::uint64_t seed) {
  const kernels::UnitInfo& unit = kernels::unit(contender.unit);
  EnergyRequest request;
  request.unit = &unit;
  request.parameters = parameters_of(contender);
  OperandNames names;
  names.format = contender.format;
  names.random = random;
  names.activations.seed = seed;
  const Operands operands = operands_of(unit, request.parameters, read_operands(unit, names));
  request.stimulus = operands.stimulus;
  Measured measured{unit_energy(request, flow), 0, operands.terms_per_weight, operands.code_entropy_bits};
  measured.pj_per_mac = measured.result.pj_per_input_beat() / operands.layer->macs;
  return measured;
}

double zero_delay_pj_per_mac(const Measured& measured) {
  return measured.pj_per_mac / measured.result.glitches->factor();
}

using Measurements = std::array<Measured, kContenders.size()>;

double share_of(const Measured& measured, EnergyUse use) {
  return 100 * measured.result.energy.use(use) / measured.result.energy.pj_per_cycle;
}

/// Returns the energy of one MAC in some parts of the tile.
double pj_of(const Measured& measured, std::initializer_list<std::string_view> modules) {
  double pj = 0;
  for (const ModuleEnergy& part : measured.result.energy.modules)
    for (const std::string_view module : modules) pj += part.module == module ? part.total() : 0;
  return measured.pj_per_mac * pj / measured.result.energy.pj_per_cycle;
}

constexpr std::size_t kFp16 = 0, kInt8 = 1, kNarrowInt8 = 5;
/// The published energy of one term in one lane, over that of an FP16 MAC.
constexpr double kPublishedTerm = 0.56 / 4 / 0.77;

/// Says why a row of the first table is not the published figure.
std::string why(std::size_t i, const Measurements& trained) {
  const Contender& c = kContenders[i];
  const Measured& m = trained[i];
  std::string text = fmt::format(
      "{:.1f} pJ per MAC with glitches; at zero delay {:.1f}, which is {:.3g} of FP16; a term costs {:.2f} of an FP16 "
      "MAC, published {:.2f}; ",
      m.pj_per_mac, zero_delay_pj_per_mac(m), zero_delay_pj_per_mac(m) / zero_delay_pj_per_mac(trained[kFp16]),
      m.pj_per_mac / m.terms / trained[kFp16].pj_per_mac, kPublishedTerm);
  const double of_int8 = m.pj_per_mac / trained[kInt8].pj_per_mac;
  if (c.published_widths) {
    return text + fmt::format(
                      "14-bit sums, 3 alignment bits, truncation: {:.2f} of our widths; the published "
                      "datapath also leaves out the "
                      "alignment of a product below its sum",
                      m.pj_per_mac / trained[i == kNarrowInt8 ? kInt8 : 3].pj_per_mac);
  }
  if (i == kInt8) {
    return text + fmt::format(
                      "published: a constant of the PE alone; ours is the tile, of which PEs are {:.0f} % "
                      "and the clock {:.0f} %",
                      100 * pj_of(m, {"bitserial_pe"}) / m.pj_per_mac, share_of(m, EnergyUse::kClock));
  }
  return text +
         fmt::format("{:.2f} of our INT8, published {:.2f}: {} terms for {}, the scales of a group over fewer cycles",
                     of_int8, c.published_pj / kContenders[kInt8].published_pj, m.terms, trained[kInt8].terms);
}

std::vector<Figure> ratio_figures(const Measurements& trained) {
  std::vector<Figure> figures;
  for (std::size_t i = 1; i < kContenders.size(); ++i) {
    const Contender& c = kContenders[i];
    if (c.published_pj == 0) continue;
    figures.push_back({std::string(c.name),
                       "of FP16",
                       c.published_pj / kContenders[kFp16].published_pj,
                       trained[i].pj_per_mac / trained[kFp16].pj_per_mac,
                       {},
                       why(i, trained)});
  }
  figures.push_back(
      {"INT8, published PE widths, PE and dequantizer alone",
       "of FP16",
       0.56 / 0.77,
       pj_of(trained[kNarrowInt8], {"bitserial_pe", "group_dequant"}) / pj_of(trained[kFp16], {"fp16_mac"}),
       {},
       "PEs and their dequantizers over the MACs of the FP16 tile, as published; what is left is likely abc's shifters "
       "against a commercial "
       "mapping, and an FP16 MAC of ours that sums in FP32"});
  return figures;
}

reports::Table codes_table(const Measurements& trained, const Measurements& random, const CellLibrary& library) {
  const std::string source = counted_source(netlist_source(library), false);
  const std::string zero_delay = counted_source(netlist_source(library), true);
  reports::Table table;
  table.title = "Trained weights against uniformly random codes";
  table.columns = {{"design", "", "rtl"},
                   {"area", "GE", source, 5},
                   {"trained", "E_FO4 per MAC", source, 4},
                   {"trained", "pJ per MAC", source, 4},
                   {"random", "pJ per MAC", source, 4},
                   {"random over trained", "", "derived", 4},
                   {"trained, zero delay", "pJ per MAC", zero_delay, 4},
                   {"glitch factor", "", "derived", 3},
                   {"half width", "%", "95 %", 2},
                   {"trained code", "bit", "entropy", 3},
                   {"random code", "bit", "entropy", 3},
                   {"clock", "%", source, 3},
                   {"published", "pJ per MAC", "table: BitMoD, HPCA'25", 3}};
  for (std::size_t i = 0; i < kContenders.size(); ++i) {
    const Contender& c = kContenders[i];
    const Measured& m = trained[i];
    const auto half = m.result.half_width_pj();
    table.rows.push_back({std::string(c.name), m.result.synthesis.gate_equivalents,
                          m.pj_per_mac / m.result.fo4.energy_pj, m.pj_per_mac, random[i].pj_per_mac,
                          random[i].pj_per_mac / m.pj_per_mac, zero_delay_pj_per_mac(m), m.result.glitches->factor(),
                          half ? nlohmann::json(100 * *half / m.result.energy.pj_per_cycle) : nlohmann::json(),
                          m.entropy, random[i].entropy, share_of(m, EnergyUse::kClock),
                          c.published_pj > 0 ? nlohmann::json(c.published_pj) : nlohmann::json()});
  }
  table.note =
      "Random: the layer's scales and activations, every code as likely. It matters little: scaled to the largest "
      "weight of its group a trained code is nearly as random (its entropy), and what moves in a PE is the "
      "activations' significands behind their shifters, whose glitches are most of the energy. Padding and scale beats "
      "are in both.";
  return table;
}

struct BothCodes {
  Measurements trained, random;
};

BothCodes measure_all(const SynthesisFlow& flow, std::uint64_t seed) {
  BothCodes all;
  Job job("energies", 2 * kContenders.size());
  parallel_each(2 * kContenders.size(), all_cores(), [&](std::size_t i) {
    const std::size_t contender = i / 2;
    const bool random = i % 2 == 1;
    (random ? all.random : all.trained)[contender] = measure(kContenders[contender], flow, random, seed);
    job.advance();
  });
  return all;
}

}  // namespace

Reproduced reproduce_bitmod_hardware(const ReproduceOptions& options) {
  const Technology technology =
      read_technology(options.libraries.empty() ? "osu018" : options.libraries.front(), "--liberty");
  const SynthesisFlow flow = open_flow(technology.library, {});
  for (const Contender& contender : kContenders)  // so that not several runs make the same netlist at once
    synthesize(flow, kernels::unit(contender.unit), parameters_of(contender));
  const auto [trained, random] = measure_all(flow, options.seed);
  Reproduced result;
  add_figures(
      result, "Energy per MAC over that of the FP16 tile", ratio_figures(trained),
      fmt::format("{}, {:g} MHz, with glitches, no wires. Published: 28 nm, power of synthesis over cycles at 1 GHz.\n"
                  "8 x 8 tiles on a layer of the embedded model with its recorded activations, 16 tokens.\n"
                  "{}.\nAccuracy: {}.",
                  corner_text(technology.library), kDefaultClockMhz, technology.remark, kEnergyAccuracy));
  result.record.tables.push_back(codes_table(trained, random, technology.library));
  result.record.bars.push_back({"pJ per MAC", 1, 0, {3, 4}, false, false});
  return result;
}

}  // namespace subbyte::sim
