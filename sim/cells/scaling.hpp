// Tells the figures of one process node for another, only when that is asked for. Source: A. Stillmaker and B. Baas,
// "Scaling equations for the accurate prediction of CMOS device performance from 180 nm to 7 nm", Integration 58 (2017)
// 74-81. The result is good to a factor of 2 to 3.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace subbyte::sim {

/// Delay and energy of an FO4-like inverter by the paper's polynomials at one supply, and area; all are relative.
struct ScalingNode {
  double node_nm = 0;
  double voltage_v = 0;
  double delay = 0;
  double energy = 0;
  double area = 0;  ///< relative to that of 180 nm
};

/// The nodes and voltages that can be scaled between, largest first. From 45 nm down they are the high performance
/// variants.
std::span<const ScalingNode> scaling_nodes();

/// What multiplies a figure of `from` to tell one of `to`.
struct Scaling {
  ScalingNode from, to;
  std::optional<double> delay;  ///< nothing where one end is 20 nm, whose fit is slower than that of 32 nm
  double energy = 1;
  double area = 1;
  std::string source;  ///< stands beside every figure that is multiplied by one of these
};

/// `target` is NODE@VOLTAGE, for example "16@0.8". Throws InputError at `place` for a target, or a pair of the
/// library's node and voltage, that the table does not have (and names what it has), and for a library whose node is
/// not known.
Scaling scaling_to(const std::string& target, std::optional<double> node_nm, double voltage_v,
                   const std::string& place);

}  // namespace subbyte::sim
