#include "sim/netlist/gate_conditions.hpp"

namespace subbyte::sim {
namespace {

std::uint64_t step_value(LogicStep::Kind kind, std::uint64_t a, std::uint64_t b) {
  using Kind = LogicStep::Kind;
  switch (kind) {
    case Kind::kLow:
      return 0;
    case Kind::kHigh:
      return ~std::uint64_t{0};
    case Kind::kCopy:
      return a;
    case Kind::kNot:
      return ~a;
    case Kind::kAnd:
      return a & b;
    case Kind::kNand:
      return ~(a & b);
    case Kind::kOr:
      return a | b;
    case Kind::kNor:
      return ~(a | b);
    case Kind::kXor:
      return a ^ b;
    case Kind::kXnor:
      return ~(a ^ b);
  }
  return 0;
}

}  // namespace

std::uint64_t value_of(std::span<const LogicStep> steps, std::vector<std::uint64_t> inputs) {
  std::vector<std::uint64_t>& values = inputs;  // the values of the steps stand behind them
  for (const LogicStep& step : steps) {
    const std::uint64_t a = values.empty() ? 0 : values[step.a], b = values.empty() ? 0 : values[step.b];
    values.push_back(step_value(step.kind, a, b));
  }
  return values.back();
}

CellConditions::CellConditions(const LibertyCell& cell) {
  for (const LibertyPin& pin : cell.pins) {
    if (pin.input) names_.push_back(pin.name);
  }
  if (cell.sequential() && !cell.state.empty()) names_.push_back(cell.state[0]);
  variables_ = names_.size();
  if (variables_ > 6) return;
  for (std::size_t v = 0; v < variables_; ++v) values_.push_back(truth_table(names_[v], names_));
  if (cell.state.size() > 1) add(cell.state[1], ~values_.back());
  const std::vector<std::string> known = names_;
  for (const LibertyPin& pin : cell.pins) {
    if (pin.output && !pin.function.empty()) add(pin.name, evaluate(pin.function, known));
  }
}

std::uint64_t CellConditions::states(const std::string& when) const {
  if (when.empty() || variables_ > 6) return ~std::uint64_t{0};
  return evaluate(when, names_);
}

void CellConditions::add(const std::string& name, std::uint64_t table) {
  names_.push_back(name);
  values_.push_back(table);
}

std::uint64_t CellConditions::evaluate(const std::string& function, const std::vector<std::string>& names) const {
  return value_of(logic_steps(function, names),
                  {values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(names.size())});
}

}  // namespace subbyte::sim
