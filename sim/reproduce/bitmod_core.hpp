// The points of BitMoD's published simulator on our own core, cycle by cycle; private to bitmod.cpp.
#pragma once

#include <array>
#include <span>

#include "sim/cost/core_phases.hpp"
#include "sim/reproduce/bitmod_figures.hpp"
#include "sim/reproduce/reproduce.hpp"
#include "sim/workload/model_shape.hpp"

namespace subbyte::sim::bitmod {

/// What a row of the published simulator takes on a core of as many PEs, behind a channel of the same bandwidth.
using CoreRows = std::array<std::array<CoreCost, kModels.size()>, kRows.size()>;

/// Runs every row on every model: all linear layers and the products of attention, with `fast`. Shows progress.
CoreRows run_on_cores(std::span<const ModelShape> shapes);

/// Adds a table of the cycles and bytes of both, and of where ours go.
void add_core_cycles(Reproduced& result, std::span<const ModelShape> shapes, const CoreRows& rows);

}  // namespace subbyte::sim::bitmod
