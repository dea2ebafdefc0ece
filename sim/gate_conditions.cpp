#include "sim/gate_conditions.hpp"

namespace subbyte::sim {

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
  std::vector<std::uint64_t> values(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(names.size()));
  using Kind = LogicStep::Kind;
  for (const LogicStep& step : logic_steps(function, names)) {
    const std::uint64_t a = values.empty() ? 0 : values[step.a];
    const std::uint64_t b = values.empty() ? 0 : values[step.b];
    const std::uint64_t plain = step.kind == Kind::kLow || step.kind == Kind::kHigh     ? 0
                                : step.kind == Kind::kCopy || step.kind == Kind::kNot ? a
                                : step.kind == Kind::kAnd || step.kind == Kind::kNand ? a & b
                                : step.kind == Kind::kOr || step.kind == Kind::kNor   ? a | b
                                                                                      : a ^ b;
    const bool inverted = step.kind == Kind::kHigh || step.kind == Kind::kNot || step.kind == Kind::kNand ||
                          step.kind == Kind::kNor || step.kind == Kind::kXnor;
    values.push_back(inverted ? ~plain : plain);
  }
  return values.back();
}

}  // namespace subbyte::sim
