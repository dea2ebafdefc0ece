#include "sim/netlist/gate_conditions.hpp"

namespace subbyte::sim {

std::uint64_t value_of(std::span<const LogicStep> steps, std::vector<std::uint64_t> inputs) {
  std::vector<std::uint64_t>& values = inputs;  // and of the steps behind them
  for (const LogicStep& step : steps) {
    using Kind = LogicStep::Kind;
    const std::uint64_t a = values.empty() ? 0 : values[step.a], b = values.empty() ? 0 : values[step.b];
    std::uint64_t value = 0;
    switch (step.kind) {
      case Kind::kLow:
        value = 0;
        break;
      case Kind::kHigh:
        value = ~std::uint64_t{0};
        break;
      case Kind::kCopy:
        value = a;
        break;
      case Kind::kNot:
        value = ~a;
        break;
      case Kind::kAnd:
        value = a & b;
        break;
      case Kind::kNand:
        value = ~(a & b);
        break;
      case Kind::kOr:
        value = a | b;
        break;
      case Kind::kNor:
        value = ~(a | b);
        break;
      case Kind::kXor:
        value = a ^ b;
        break;
      case Kind::kXnor:
        value = ~(a ^ b);
        break;
    }
    values.push_back(value);
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
