// What `subbyte synth --check` says.
#pragma once

#include <span>

#include "reports/record.hpp"
#include "sim/engines/netlist_check.hpp"

namespace subbyte::sim {

/// Counts how many of the distinct parts ended in which way.
struct ProofCounts {
  std::size_t proven = 0, not_finished = 0, differ = 0;
};
/// Counts a part that several units share once.
ProofCounts proof_counts(std::span<const UnitCheck> checks);

/// Makes a record of three things: a table of parts, a table of whole units, and the counts.
reports::Record check_record(std::span<const UnitCheck> checks, const CellLibrary& library,
                             const CheckOptions& options);

}  // namespace subbyte::sim
