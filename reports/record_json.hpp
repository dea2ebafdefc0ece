// The parts of the record's JSON: typed keys, and the charts.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "reports/record.hpp"

namespace subbyte::reports {

/// Returns the value of a key. Throws std::invalid_argument, which names the key, where it is missing or of another
/// type.
template <typename T>
T get(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end()) throw std::invalid_argument(std::string("result record: key '") + key + "' is missing");
  try {
    return it->get<T>();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument(std::string("result record: key '") + key + "' is " + it->type_name() +
                                ", another type was expected");
  }
}

/// Sets the keys "scatters", "treemaps", "bars" and "rooflines".
void charts_to_json(const Record& record, nlohmann::json& object);
/// Reads them into a record that has its tables; checks every table and column index.
void charts_from_json(const nlohmann::json& object, Record& record);

/// Returns {"name","quantity","unit","value","source"} of each metric, with "half_width" and "basis" where it has them.
nlohmann::ordered_json metrics_json(const std::vector<Metric>& metrics);
}  // namespace subbyte::reports
