// Evaluates the `when` conditions of a cell's power tables over the states that GateSimulator samples.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/cells/cell_library.hpp"
#include "sim/cells/liberty_function.hpp"

namespace subbyte::sim {

/// Returns the value of the steps of a function (logic_steps) on words of the inputs' values.
std::uint64_t value_of(std::span<const LogicStep> steps, std::vector<std::uint64_t> inputs);

/// The states (patterns of GateSimulator::states) in which a condition holds, one bit each. All bits are ones where it
/// cannot be told.
class CellConditions {
 public:
  /// Throws std::invalid_argument for a function that cannot be read.
  explicit CellConditions(const LibertyCell& cell);

  bool constant() const { return variables_ == 0; }  ///< true for a cell without inputs
  /// `when` is a Liberty expression over pins and state; an empty one always holds. Throws std::invalid_argument.
  std::uint64_t states(const std::string& when) const;

 private:
  void add(const std::string& name, std::uint64_t table);
  std::uint64_t evaluate(const std::string& function, const std::vector<std::string>& names) const;

  std::size_t variables_ = 0;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> values_;
};

}  // namespace subbyte::sim
