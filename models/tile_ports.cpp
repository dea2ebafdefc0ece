#include "models/tile_ports.hpp"

#include <stdexcept>
#include <string>

#include "kernels/fp16_int8_mac_tile.hpp"
#include "kernels/int8_mac_tile.hpp"
#include "kernels/plane_tile.hpp"
#include "kernels/ternary_tile.hpp"
#include "models/bitserial_tile.hpp"
#include "models/fp16_mac_tile.hpp"
#include "models/parts/row_tile.hpp"
#include "models/unit_models.hpp"

namespace subbyte::models {
namespace {

class RowTilePort final : public kernels::UnitPort {
 public:
  RowTilePort(const kernels::Parameters& parameters, kernels::RowTileKindOf kind) : tile_(parameters, kind) {}
  Outputs settle(const Inputs& inputs) override { return tile_.settle(inputs); }
  void edge(const Inputs& inputs) override { tile_.edge(inputs); }
  void configure(kernels::ConfigWrite write) override { tile_.configure(write); }

 private:
  RowTile tile_;
};

}  // namespace

std::unique_ptr<kernels::UnitPort> tile_port(std::string_view unit, const kernels::Parameters& parameters) {
  if (unit == "bitserial_tile") return bitserial_tile_port(parameters);
  if (unit == "fp16_mac_tile") return fp16_mac_tile_port(parameters);
  if (unit == "int8_mac_tile") return std::make_unique<RowTilePort>(parameters, kernels::int8_mac_tile_kind);
  if (unit == "fp16_int8_mac_tile") return std::make_unique<RowTilePort>(parameters, kernels::fp16_int8_mac_tile_kind);
  if (unit == "ternary_tile") return std::make_unique<RowTilePort>(parameters, kernels::ternary_tile_kind);
  if (unit == "dequant_mac_tile") return dequant_mac_tile_port(parameters);
  if (unit == "plane_tile") return std::make_unique<RowTilePort>(parameters, kernels::plane_tile_kind);
  throw std::invalid_argument("unit " + std::string(unit) + " is no tile of the core's socket");
}

}  // namespace subbyte::models
