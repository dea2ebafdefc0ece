// Maps, simulates and weighs the reference operations.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <stdexcept>

#include "kernels/parts/random_values.hpp"
#include "quant/base/float16.hpp"
#include "sim/base/input_error.hpp"
#include "sim/netlist/gate_timed.hpp"
#include "sim/reproduce/operations.hpp"
#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {
namespace {

std::uint64_t mask(unsigned width) { return (std::uint64_t{1} << width) - 1; }

std::uint64_t add(std::uint64_t a, std::uint64_t b, unsigned width) { return (a + b) & mask(width); }
std::uint64_t multiply(std::uint64_t a, std::uint64_t b, unsigned) { return a * b; }

// Products and sums of two FP16 numbers are exact in double, so that only one rounding remains.
std::uint64_t fp16_multiply(std::uint64_t a, std::uint64_t b, unsigned) {
  return quant::half_from_double(static_cast<double>(quant::half_to_float(static_cast<std::uint16_t>(a))) *
                                 quant::half_to_float(static_cast<std::uint16_t>(b)));
}
std::uint64_t fp16_add(std::uint64_t a, std::uint64_t b, unsigned) {
  return quant::half_from_double(static_cast<double>(quant::half_to_float(static_cast<std::uint16_t>(a))) +
                                 quant::half_to_float(static_cast<std::uint16_t>(b)));
}

constexpr std::array kOperations{
    Operation{"8-bit adder", "integer_add", 8, 8, true, add},
    Operation{"16-bit adder", "integer_add", 16, 16, true, add},
    Operation{"32-bit adder", "integer_add", 32, 32, true, add},
    Operation{"8-bit multiplier", "integer_multiply", 8, 16, true, multiply},
    Operation{"32-bit multiplier", "integer_multiply", 32, 64, true, multiply},
    Operation{"FP16 multiplier", "fp16_multiply", 16, 16, false, fp16_multiply},
    Operation{"FP16 adder", "fp16_add", 16, 16, false, fp16_add},
};

constexpr std::uint64_t kCompared = 1U << 14U;  ///< operations whose results are compared while measuring
constexpr std::uint64_t kSampleEvery = 8;       ///< settlings from one sample of the states to the next
constexpr std::size_t kTimedLanes = 64;
constexpr std::size_t kTimedSteps = 32;

const std::vector<Net>& bits_of(const GateNetlist& netlist, std::string_view port, std::size_t width) {
  const GatePort* found = netlist.port(port);
  if (found == nullptr || found->bits.size() != width)
    throw std::invalid_argument(fmt::format("netlist {}: port {} is not {} bits wide", netlist.top, port, width));
  return found->bits;
}

void drive(GateSimulator& simulator, const std::vector<Net>& bits, std::span<const std::uint64_t, kGateLanes> values) {
  for (std::size_t bit = 0; bit < bits.size(); ++bit) {
    LaneBlock block{};
    for (std::size_t lane = 0; lane < kGateLanes; ++lane) block[lane / 64] |= (values[lane] >> bit & 1) << lane % 64;
    simulator.set_input(bits[bit], block);
  }
}

double area_of(const GateNetlist& netlist, const CellLibrary& library) {
  double area = 0;
  for (const GateInstance& gate : netlist.instances) {
    const LibertyCell& cell = *netlist.cells[gate.cell];
    if (cell.area <= 0) throw InputError(library.path.string(), "cell '" + cell.name + "'", "has no area");
    area += cell.area;
  }
  return area;
}

void compare_first(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                   kernels::Random& random) {
  std::array<std::uint64_t, kGateLanes> a{}, b{};
  for (std::uint64_t done = 0; done < kCompared; done += kGateLanes) {
    for (auto* operand : {&a, &b}) {
      for (std::uint64_t& value : *operand) value = random.next() & mask(operation.width);
    }
    const std::size_t wrong = wrong_lanes(operation, netlist, simulator, {a, b});
    if (wrong != 0)
      throw std::runtime_error(fmt::format("the netlist of {} differs from its golden function in {} of {} operations",
                                           operation.name, wrong, kGateLanes));
  }
}

void draw_operands(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                   kernels::Random& random) {
  for (const char* port : {"a_i", "b_i"}) {
    for (const Net net : bits_of(netlist, port, operation.width)) {
      LaneBlock block;
      for (std::uint64_t& word : block) word = random.next();
      simulator.set_input(net, block);
    }
  }
  simulator.settle();
}

/// Counts transitions under random operands, and returns how many operations were counted.
std::uint64_t count_random(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                           std::uint64_t operations, kernels::Random& random) {
  simulator.count(true);
  const std::uint64_t steps = std::max<std::uint64_t>(kSampleEvery, operations / kGateLanes);
  for (std::uint64_t step = 0; step < steps; ++step) {
    draw_operands(operation, netlist, simulator, random);
    if (step % kSampleEvery == 0) simulator.sample_states();
  }
  simulator.count(false);
  return steps * kGateLanes;
}

/// Returns the values in the first 64 lanes.
NetValues settled_values(const GateSimulator& simulator, std::size_t nets) {
  NetValues values(nets);
  for (Net net = 0; net < nets; ++net) values[net] = simulator.value(net)[0];
  return values;
}

/// Runs further operations with the delays of the gates, in some of the lanes, and returns the glitch factor.
double glitch_factor(const Operation& operation, const EnergyInputs& inputs, GateSimulator& simulator,
                     kernels::Random& random) {
  const std::size_t nets = inputs.netlist.nets;
  const TimedNetlist timed(inputs.netlist, gate_delays(inputs.netlist, inputs.tables, inputs.timing));
  TimedSimulator run(timed);
  run.load(settled_values(simulator, nets));
  for (std::size_t step = 0; step < kTimedSteps; ++step) {
    draw_operands(operation, inputs.netlist, simulator, random);
    run.cycle(settled_values(simulator, nets));
  }
  std::vector<LaneBlock> with(nets, LaneBlock{}), without = with;
  for (Net net = 0; net < nets; ++net) {
    with[net][0] = run.transitions(net);
    without[net][0] = run.settled_transitions(net);
  }
  constexpr std::uint64_t kOperations = kTimedLanes * kTimedSteps;
  const TransitionPrices prices = transition_prices(inputs, simulator);
  return gate_energy(inputs, prices, with, kOperations).pj_per_cycle /
         gate_energy(inputs, prices, without, kOperations).pj_per_cycle;
}

/// Returns the part of the counted energy that charges the load of the result.
double load_energy(const Operation& operation, const EnergyInputs& inputs, const GateSimulator& simulator,
                   double load_ff, std::uint64_t operations) {
  std::uint64_t moved = 0;
  for (const Net net : bits_of(inputs.netlist, "result_o", operation.result_width)) {
    for (const std::uint64_t count : simulator.transitions()[net]) moved += count;
  }
  return 0.5 * load_ff * inputs.voltage_v * inputs.voltage_v * 1e-3 * static_cast<double>(moved) /
         static_cast<double>(operations);
}

}  // namespace

std::span<const Operation> reference_operations() { return kOperations; }

const Operation& reference_operation(std::string_view name) {
  for (const Operation& operation : kOperations) {
    if (operation.name == name) return operation;
  }
  throw std::out_of_range("no reference operation '" + std::string(name) + "'");
}

GateNetlist map_operation(const Operation& operation, SynthesisFlow flow) {
  flow.rtl /= "reference";
  std::map<std::string, std::string> parameters;
  if (operation.parameterised) parameters["Width"] = std::to_string(operation.width);
  const std::vector<Part> parts = elaborate(flow, std::string(operation.module), parameters);
  return flatten_netlist(map_part(flow, parts.front(), parts).verilog, parts.front().name, flow.library);
}

std::size_t wrong_lanes(const Operation& operation, const GateNetlist& netlist, GateSimulator& simulator,
                        const LaneOperands& operands) {
  drive(simulator, bits_of(netlist, "a_i", operation.width), operands.a);
  drive(simulator, bits_of(netlist, "b_i", operation.width), operands.b);
  simulator.settle();
  const auto& result = bits_of(netlist, "result_o", operation.result_width);
  std::size_t wrong = 0;
  for (std::size_t lane = 0; lane < kGateLanes; ++lane) {
    std::uint64_t value = 0;
    for (std::size_t bit = 0; bit < result.size(); ++bit)
      value |= (simulator.value(result[bit])[lane / 64] >> lane % 64 & 1) << bit;
    wrong += value != operation.golden(operands.a[lane], operands.b[lane], operation.width) ? 1 : 0;
  }
  return wrong;
}

OperationFigures measure_operation(const Operation& operation, const GateNetlist& netlist, const CellLibrary& library,
                                   std::uint64_t operations, std::uint64_t seed) {
  if (!library.tables().has_power)
    throw InputError(library.path.string(), "library '" + library.name + "'",
                     "has no internal_power tables, expected them");
  OperationFigures figures;
  figures.cells = netlist.instances.size();
  figures.area_um2 = area_of(netlist, library);
  figures.gate_equivalents = figures.area_um2 / smallest_nand2(library).area;
  TimingOptions options;
  options.driving_cell = smallest_buffer(library).name;
  options.output_load_ff = output_load_ff(library);
  const StaticTiming timing = static_timing(netlist, library.tables(), options);
  figures.delay_ns = timing.worst.value().delay_ns;
  GateSimulator simulator(netlist);
  kernels::Random random(seed);
  compare_first(operation, netlist, simulator, random);
  figures.operations = count_random(operation, netlist, simulator, operations, random);
  const EnergyInputs inputs{netlist, library.tables(), timing, library.voltage_v};
  const GateEnergy energy = gate_energy(inputs, simulator, figures.operations);
  figures.pj = energy.pj_per_cycle;
  figures.half_width_pj = energy.half_width_pj;
  figures.input_pj = energy.use(EnergyUse::kInput);
  figures.load_pj = load_energy(operation, inputs, simulator, options.output_load_ff, figures.operations);
  figures.glitch_factor = glitch_factor(operation, inputs, simulator, random);
  return figures;
}

std::optional<unsigned> feature_size_nm(const CellLibrary& library) {
  struct Known {
    std::string_view beginning;
    unsigned nm;
  };
  static constexpr Known kKnown[] = {{"osu018", 180}, {"osu035", 350}, {"sg13g2", 130}, {"sky130", 130},
                                     {"Nangate", 45}, {"asap7", 7},    {"gt2n", 2}};
  for (const Known& known : kKnown) {
    if (library.name.starts_with(known.beginning)) return known.nm;
  }
  return std::nullopt;
}

}  // namespace subbyte::sim
