// RTL against mapped netlist, part by part: proven equal by ABC, registers and other parts cut out.
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
  std::string why;            ///< of what is not proven: the limit, registers without a counterpart, what differs
  std::size_t registers = 0;  ///< of the netlist
  std::size_t outputs = 0;    ///< compared: ports, pins of other parts, next states and clocks
  double seconds = 0;         ///< when it was made
};

/// Compares a part's RTL with `verilog`, its netlist (map_part), from equal states of equally named registers; what is
/// not decided in `limit_s`, reading included, is not finished. A decision is kept by content, its absence is not.
/// Throws InputError when yosys-abc is not installed, std::runtime_error when yosys does not take the RTL,
/// std::invalid_argument for a text that is no netlist of the library.
PartProof prove_part(const SynthesisFlow& flow, const Part& part, const std::vector<Part>& parts,
                     const std::string& verilog, double limit_s);

}  // namespace subbyte::sim
