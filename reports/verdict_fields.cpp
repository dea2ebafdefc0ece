#include "reports/verdict_fields.hpp"

#include <algorithm>

namespace subbyte::reports {

using nlohmann::json;

std::optional<std::size_t> find(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &Column::name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

std::optional<double> number(const Table& table, const std::vector<json>& row, std::string_view name) {
  const auto column = find(table, name);
  if (!column || !row[*column].is_number()) return std::nullopt;
  return row[*column].get<double>();
}

std::optional<Figure> figure(const Table& table, const std::vector<json>& row, const std::string& name, double factor) {
  const auto value = number(table, row, name);
  if (!value) return std::nullopt;
  const auto half = number(table, row, name + " half width");
  return Figure{*value * factor, half ? std::optional(*half * factor) : std::nullopt, half.value_or(0) * factor};
}

std::string text(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  if (it == object.end() || it->is_null()) return "";
  return it->is_string() ? it->get<std::string>() : it->dump();
}

std::optional<bool> said(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it == object.end() || !it->is_boolean() ? std::nullopt : std::optional(it->get<bool>());
}

json object_in(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it == object.end() || !it->is_object() ? json::object() : *it;
}

json of_row(const json& provenance, const char* key, const Table& table, std::size_t row) {
  const auto it = provenance.is_object() ? provenance.find(key) : provenance.end();
  if (it == provenance.end() || !it->is_array() || it->size() > table.rows.size()) return {};
  const std::size_t before = table.rows.size() - it->size();
  return before > 1 || row < before ? json() : (*it)[row - before];
}

std::string string_of(const json& value) { return value.is_string() ? value.get<std::string>() : ""; }

std::string single(const json& provenance, const char* key) {
  const auto it = provenance.is_object() ? provenance.find(key) : provenance.end();
  return it == provenance.end() || !it->is_array() || it->size() != 1 ? "" : string_of((*it)[0]);
}

}  // namespace subbyte::reports
