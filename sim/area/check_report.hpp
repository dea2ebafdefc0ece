// What `subbyte synth --check` says.
#pragma once

#include <span>

#include "reports/record.hpp"
#include "sim/engines/netlist_check.hpp"

namespace subbyte::sim {

/// How many of the distinct parts ended how.
struct ProofCounts {
  std::size_t proven = 0, not_finished = 0, differ = 0;
};
/// A part of several units counts once.
ProofCounts proof_counts(std::span<const UnitCheck> checks);

/// A table of parts, one of whole units, and the counts.
reports::Record check_record(std::span<const UnitCheck> checks, const CellLibrary& library,
                             const CheckOptions& options);

}  // namespace subbyte::sim
