// A unit takes beats and gives beats, whose cycles are stamped. A decoder, a PE, a tile and a whole core are all units.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/contract/beat.hpp"
#include "kernels/contract/refusal.hpp"
#include "kernels/contract/stimulus.hpp"
#include "kernels/contract/trace.hpp"
#include "quant/formats/format.hpp"

namespace subbyte::kernels {

/// Parameter values by name, which are complete after resolve().
using Parameters = std::map<std::string, std::int64_t>;

struct ParameterSpec {
  std::string name;      ///< snake_case, as in YAML and on the command line
  std::string rtl_name;  ///< CamelCase, as in the SystemVerilog module
  std::int64_t default_value = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string summary;
};

/// What `verify` asks a unit for: seeded random stimuli for one format.
struct RandomRequest {
  quant::Format format;
  std::size_t cases = 0;
  std::uint64_t seed = 0;
  StallPlan stalls;
  /// Whether to include codes, scales and activations that no quantizer emits (NaN, Inf, -0, unused codes).
  bool illegal = true;
};

/// What a unit gets done per cycle at its peak, which knows no fill, drain or stalls.
struct Work {
  double macs = 0;     ///< multiply-accumulates; 0 for a unit that makes none
  double weights = 0;  ///< weights (or other operands) that pass, where it makes no MACs
  std::string what;    ///< operands of a MAC or what passes, and the format where the rate depends on it
};

/// Everything that the layers above need to know of a unit; one function per unit returns it.
struct UnitInfo {
  std::string name;
  std::string summary;
  std::string case_is;  ///< what one case of a stimulus is, for example "one group"
  std::vector<ParameterSpec> parameters;
  std::vector<Parameters> points;  ///< parameter points that verification covers; the first is the default point
  /// The smallest point at which nothing of the unit is missing. Proofs, mutants and netlists are made at it (every
  /// other parameter has its default). When it is empty, the default point serves.
  Parameters small_point;
  /// True for a unit without registers, whose output beat i is a function of input beat i
  /// (kernels/contract/combinational.hpp).
  bool combinational = false;
  /// True for a unit with registers whose out_valid_o is nevertheless combinational from in_valid_i.
  bool output_follows_input = false;
  bool has_config = false;
  bool memories = false;  ///< it holds SRAMs, for which a netlist of gates would be registers
  bool rtl = true;        ///< false for a unit of without_rtl.def, which golden, `fast` and SystemC run alone
  /// Optional. Area per work is told of the units that have it.
  std::function<Work(const Parameters&)> work_per_cycle{};
  std::string piece = "weight";  ///< what passes a unit that makes no MACs: energy is told per one of it
  /// True for a unit whose input beat is one power-of-two term of each weight, so that a weight takes several beats.
  bool takes_terms = false;
  /// What stands between the stored tensors and this tile or behind it, and is not counted in a layer's energy.
  std::string beside{};
  std::function<BeatShape(const Parameters&)> input_shape;
  std::function<BeatShape(const Parameters&)> output_shape;
  std::function<Trace(const Parameters&, const Stimulus&, TraceWindow)> golden;
  std::function<Stimulus(const Parameters&, const RandomRequest&)> random;
  /// Returns nothing when the unit at these parameters can run the format, or else why it cannot (engine law: nothing
  /// is approximate in silence).
  std::function<std::optional<Refusal>(const Parameters&, const quant::Format&)> unsupported;
};

/// A unit at some of its parameters; those that are not named have their defaults.
struct UnitPoint {
  const UnitInfo* unit = nullptr;
  Parameters parameters;
  /// Returns a text such as "mx_dot element=3 window=24".
  std::string name() const;
};
/// Returns a text such as "cols=2,rows=2", in alphabetical order.
std::string parameters_text(const Parameters& parameters, std::string_view separator = ",");
/// The inverse of parameters_text(): reads such a list. Throws std::invalid_argument with the word that is not
/// NAME=INTEGER.
Parameters parse_parameters(const std::string& text);
/// Returns the parameters with the defaults filled in. Throws std::invalid_argument for an unknown name, or for a value
/// outside its range, with the range.
Parameters resolve(const UnitInfo& info, const Parameters& given);
/// Returns why nothing that needs RTL can be had of a unit, or nothing where its RTL is there.
std::optional<Refusal> without_rtl(const UnitInfo& info);
/// Returns one element of a combinational unit: its first parameter, which counts elements, is at the minimum, and all
/// others are at their default.
Parameters element_point(const UnitInfo& info);

}  // namespace subbyte::kernels
