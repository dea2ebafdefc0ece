// The SystemC models of tiles as ports, for machines that are composed of tiles.
#pragma once

#include <memory>
#include <string_view>

#include "kernels/contract/unit.hpp"
#include "kernels/contract/unit_port.hpp"

namespace subbyte::models {

/// Returns the registers of a tile at complete parameters. Throws std::invalid_argument for a unit that is none of the
/// tiles of the core's socket.
std::unique_ptr<kernels::UnitPort> tile_port(std::string_view unit, const kernels::Parameters& parameters);

}  // namespace subbyte::models
