#include "sim/sweep/plan.hpp"

namespace subbyte::sim {

bool is_decibel(std::string_view metric) { return metric.ends_with("_db"); }

const std::vector<std::string>& sweep_metrics() {
  static const std::vector<std::string> names = {
      "sqnr_db",  "weight_sqnr_db", "bits_per_weight",     "cycles_per_token", "time_per_token_us",
      "area_um2", "area_time",      "energy_per_token_uj", "energy_delay_js",  "average_power_w"};
  return names;
}

const std::vector<std::string>& sweep_energy_metrics() {
  static const std::vector<std::string> names = {"energy_per_token_uj", "energy_delay_js", "average_power_w"};
  return names;
}

}  // namespace subbyte::sim
