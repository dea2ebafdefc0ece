// A unit with time as whoever composes units sees it: present inputs, read what it answers, advance one edge. A SystemC
// model is one, and so is a Verilated unit, so that a machine made of tiles runs with either.
#pragma once

#include <cstdint>

#include "kernels/contract/stimulus.hpp"

namespace subbyte::kernels {

/// The inputs of a unit between two edges.
struct PortInputs {
  bool in_valid = false;
  bool out_ready = false;
  const std::uint64_t* in_data = nullptr;  ///< valid only with in_valid
};

/// What a unit answers combinationally.
struct PortOutputs {
  bool in_ready = false;
  bool out_valid = false;
  const std::uint64_t* out_data = nullptr;  ///< valid only with out_valid, and until the next edge but one
};

class UnitPort {
 public:
  virtual ~UnitPort() = default;
  /// Is called before edge(), with the same inputs.
  virtual PortOutputs settle(const PortInputs& inputs) = 0;
  virtual void edge(const PortInputs& inputs) = 0;
  /// Makes a write through the configuration port, at the edge that follows.
  virtual void configure(ConfigWrite write) = 0;
};

}  // namespace subbyte::kernels
