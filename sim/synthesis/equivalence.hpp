// RTL against mapped netlist, part by part. ABC proves them equal, with registers and other parts cut out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/synthesis/flow.hpp"

namespace subbyte::sim {

enum class ProofOutcome { kProven, kNotFinished, kDiffers };
const char* proof_outcome_name(ProofOutcome outcome);

struct PartProof {
  std::string part;
  ProofOutcome outcome = ProofOutcome::kNotFinished;
  /// why it is not proven: it came to the limit, registers have no counterpart, or outputs differ
  std::string why;
  std::size_t registers = 0;  ///< number of registers in the netlist
  std::size_t outputs = 0;    ///< number of compared outputs: ports, pins of other parts, next states and clocks
  double seconds = 0;         ///< time that it took when it was made
};

/// Compares a part's RTL with `verilog`, its netlist (map_part), from equal states of equally named registers. What is
/// not decided in `limit_s` seconds, which include reading, is not finished. A decision is kept by content; its absence
/// is not. Throws InputError when yosys-abc is not installed, std::runtime_error when yosys does not take the RTL, and
/// std::invalid_argument for a text that is no netlist of the library.
PartProof prove_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                     const std::string& verilog, double limit_s);

}  // namespace subbyte::sim
