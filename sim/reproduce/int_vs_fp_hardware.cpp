// The hardware half of "INT v.s. FP" (arXiv 2510.25602, table of normalised energy and area): our dot products of
// blocks are synthesised, and their gates are simulated under quantized Gaussian operands.
#include <fmt/format.h>

#include <array>

#include "kernels/catalogue.hpp"
#include "kernels/parts/random_values.hpp"
#include "quant/rules/quantize.hpp"
#include "sim/area/area.hpp"
#include "sim/base/progress.hpp"
#include "sim/cells/technology.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/energy_report.hpp"
#include "sim/reproduce/reproduce.hpp"

namespace subbyte::sim {
namespace {

/// Holds a dot product of the paper's comparison. Throughputs are made equal: every figure is per multiplication.
struct Contender {
  std::string_view name;
  std::string_view unit;
  std::int64_t element;
  std::int64_t window;  ///< negative where the unit has none
  std::string_view format;
  double published_area, published_energy;
  std::string_view note;
};

constexpr std::array kContenders{
    Contender{"MXFP8 (E4M3)", "mx_dot", 3, 24, "mxfp8-e4m3", 1, 1,
              "alignment to 24 bits, as the paper's gate model: n = min(2^(x+1) + 2y, 24)"},
    Contender{"MXINT8", "mx_dot", 5, 0, "mxint8", 0.79, 0.63,
              "plain array multipliers are 8 x 8 for INT8 and 4 x 4 for E4M3; the paper counts full adders, without "
              "the registers and the FP32 accumulator that both of ours have"},
    Contender{"NVFP4", "nvfp4_dot", 0, -1, "nvfp4", 0.54, 0.55,
              "exact in 13 bits, so nothing is aligned and nothing is rounded; one accumulator for 16 lanes, not 32"},
    Contender{"NVINT4", "nvfp4_dot", 1, -1, "nvint4", 0.38, 0.34,
              "its 4 x 4 multipliers are larger than those of E2M1, whose significands have two bits; what the paper "
              "takes for aligning E2M1 ours does not have"},
};

struct Measured {
  double gate_equivalents = 0;  ///< area per multiplication
  double energy_pj = 0;         ///< energy with glitches
  double zero_delay_pj = 0;
  double path_ns = 0;
};

/// Draws two rows of N(0, 1) that are quantized to the format, block by block; 128 products give one result.
kernels::Stimulus gaussian_blocks(const kernels::UnitInfo& unit, const kernels::Parameters& parameters,
                                  const quant::Format& format, std::uint64_t seed) {
  constexpr std::size_t kBlocks = 1U << 16U;
  constexpr std::size_t kProducts = 128;
  const auto block = static_cast<std::size_t>(parameters.at("block"));
  kernels::Random random(seed);
  std::vector<float> values(2 * kBlocks * block);
  for (float& value : values) value = static_cast<float>(random.gaussian());
  const quant::PackedTensor packed = quant::quantize({values, 2, kBlocks * block}, format);
  std::vector<std::uint8_t> codes[2] = {std::vector<std::uint8_t>(packed.cols), std::vector<std::uint8_t>(packed.cols)};
  for (std::size_t row = 0; row < 2; ++row) packed.unpack_row(row, codes[row]);
  const kernels::BeatShape shape = unit.input_shape(parameters);
  const unsigned bits = shape.fields().at(0).bits;
  kernels::Beats beats(shape.words());
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const auto beat = beats.append();
    for (unsigned i = 0; i < block; ++i) {
      kernels::set_bits(beat, shape.offset("a") + bits * i, bits, codes[0][b * block + i]);
      kernels::set_bits(beat, shape.offset("b") + bits * i, bits, codes[1][b * block + i]);
    }
    kernels::set_bits(beat, shape.offset("scale_a"), 8, packed.scale_bits(0, b));
    kernels::set_bits(beat, shape.offset("scale_b"), 8, packed.scale_bits(1, b));
    kernels::set_bits(beat, shape.offset("last"), 1, (b + 1) % (kProducts / block) == 0 ? 1 : 0);
  }
  return {{}, kernels::source_of(std::move(beats)), {}, kBlocks * block / kProducts};
}

Measured measure(const Contender& contender, const SynthesisFlow& flow, std::uint64_t seed) {
  const kernels::UnitInfo& unit = kernels::unit(contender.unit);
  kernels::Parameters given{{"element", contender.element}};
  if (contender.window >= 0) given["window"] = contender.window;
  EnergyRequest request;
  request.unit = &unit;
  request.parameters = kernels::resolve(unit, given);
  request.stimulus = gaussian_blocks(unit, request.parameters, quant::parse_format(contender.format), seed);
  const EnergyResult result = unit_energy(request, flow);
  const auto lanes = static_cast<double>(request.parameters.at("block"));
  const double pj = result.pj_per_input_beat() / lanes;
  return {result.synthesis.gate_equivalents / lanes, pj, pj / result.glitches->factor(), result.timing.worst->delay_ns};
}

}  // namespace

Reproduced reproduce_int_vs_fp_hardware(const ReproduceOptions& options) {
  const Technology technology =
      read_technology(options.libraries.empty() ? "osu018" : options.libraries.front(), "--liberty");
  const SynthesisFlow flow = open_flow(technology.library, {});
  std::array<Measured, kContenders.size()> measured;
  Job job("energies", kContenders.size());
  for (std::size_t i = 0; i < kContenders.size(); ++i) {
    measured[i] = measure(kContenders[i], flow, options.seed);
    job.advance();
  }
  Reproduced result;
  std::vector<Figure> area, energy;
  for (std::size_t i = 0; i < kContenders.size(); ++i) {
    const Contender& c = kContenders[i];
    const Measured& m = measured[i];
    area.push_back({std::string(c.name),
                    "of MXFP8",
                    c.published_area,
                    m.gate_equivalents / measured[0].gate_equivalents,
                    {},
                    fmt::format("{:.0f} GE per lane, path {:.1f} ns; {}", m.gate_equivalents, m.path_ns, c.note)});
    energy.push_back({std::string(c.name),
                      "of MXFP8",
                      c.published_energy,
                      m.energy_pj / measured[0].energy_pj,
                      {},
                      fmt::format("{:.2f} pJ per multiplication with glitches; at zero delay {:.2f} pJ, which is "
                                  "{:.2f} of MXFP8; {}",
                                  m.energy_pj, m.zero_delay_pj, m.zero_delay_pj / measured[0].zero_delay_pj, c.note)});
  }
  const std::string conditions = fmt::format("{}; blocks of 32 (MX) and 16 (NV), one per cycle at {:g} MHz; {}.",
                                             corner_text(technology.library), kDefaultClockMhz, technology.remark);
  add_figures(result, "Area per multiplication", area, conditions);
  add_figures(result, "Energy per multiplication, quantized Gaussian operands", energy,
              conditions + " With glitches, no wires.\n" + kEnergyAccuracy + ".");
  return result;
}

}  // namespace subbyte::sim
