#include "sim/cells/scaling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "sim/base/input_error.hpp"

namespace subbyte::sim {
namespace {

// These are the polynomials' values at each node's nominal voltage, with the authors' erratum. The polynomials
// themselves are not restated, so no other voltage can be asked for.
constexpr std::array kNodes{
    ScalingNode{180, 1.8, 79.0, 26.4, 1},       ScalingNode{130, 1.2, 33.5, 5.18, 0.34},
    ScalingNode{90, 1.1, 25.6, 2.59, 0.15},     ScalingNode{65, 1.1, 19.2, 1.68, 0.08},
    ScalingNode{45, 1.1, 13.6, 1.044, 0.053},   ScalingNode{32, 0.9, 8.36, 0.457, 0.025},
    ScalingNode{20, 0.9, 9.47, 0.201, 0.011},   ScalingNode{16, 0.8, 6.73, 0.120, 0.010},
    ScalingNode{14, 0.8, 4.51, 0.0962, 0.0093}, ScalingNode{10, 0.7, 4.11, 0.0599, 0.0055},
    ScalingNode{7, 0.7, 3.24, 0.0478, 0.0032},
};

// The delay of this node does not lie between those of its neighbours.
constexpr double kSlowNode = 20;

std::string node_text(const ScalingNode& node) { return fmt::format("{:g}@{:g}", node.node_nm, node.voltage_v); }

std::string known() {
  std::vector<std::string> texts;
  for (const ScalingNode& node : kNodes) texts.push_back(node_text(node));
  return fmt::format("{}", fmt::join(texts, ", "));
}

const ScalingNode* find(double node_nm, double voltage_v) {
  for (const ScalingNode& node : kNodes)
    if (node.node_nm == node_nm && std::abs(node.voltage_v - voltage_v) < 1e-6) return &node;
  return nullptr;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const ScalingNode& target_node(const std::string& target, const std::string& place) {
  const std::size_t at = target.find('@');
  const auto node = number(std::string_view(target).substr(0, at));
  const auto voltage = at == std::string::npos ? std::nullopt : number(std::string_view(target).substr(at + 1));
  const ScalingNode* found = node && voltage ? find(*node, *voltage) : nullptr;
  if (found == nullptr)
    throw InputError("", place, fmt::format("is '{}', expected NODE@VOLTAGE of {}", target, known()));
  return *found;
}

}  // namespace

std::span<const ScalingNode> scaling_nodes() { return kNodes; }

Scaling scaling_to(const std::string& target, std::optional<double> node_nm, double voltage_v,
                   const std::string& place) {
  const ScalingNode& to = target_node(target, place);
  if (!node_nm)
    throw InputError("", place, "needs a technology whose node is known (configs/technologies), not a Liberty file");
  const ScalingNode* from = find(*node_nm, voltage_v);
  if (from == nullptr) {
    throw InputError("", place,
                     fmt::format("cannot start from a library of {:g} nm at {:g} V: the equations are kept for {}",
                                 *node_nm, voltage_v, known()));
  }
  Scaling scaling{*from, to, to.delay / from->delay, to.energy / from->energy, to.area / from->area, ""};
  if (from->node_nm != to.node_nm && (from->node_nm == kSlowNode || to.node_nm == kSlowNode)) scaling.delay.reset();
  scaling.source = fmt::format(
      "derived: scaled from {:g} nm at {:g} V to {:g} nm at {:g} V by Stillmaker & Baas, Integration 58 "
      "(2017); "
      "a factor of 2 to 3",
      from->node_nm, from->voltage_v, to.node_nm, to.voltage_v);
  return scaling;
}

}  // namespace subbyte::sim
