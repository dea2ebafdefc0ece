// Reads cells of tables and members of provenances for the verdict. Nothing here stops at a record of odd types: what
// is not there, or is of another type, is empty.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/record.hpp"
#include "reports/verdict.hpp"

namespace subbyte::reports {

/// Returns the place of a column.
std::optional<std::size_t> find(const Table& table, std::string_view name);
/// Returns the number in a row's cell of a column.
std::optional<double> number(const Table& table, const std::vector<nlohmann::json>& row, std::string_view name);
/// Returns the figure of a column, with the half-width of the column that is named after it, both times `factor`.
std::optional<Figure> figure(const Table& table, const std::vector<nlohmann::json>& row, const std::string& name,
                             double factor = 1);
/// Returns a member as text.
std::string text(const nlohmann::json& object, const char* key);
/// Returns a member that is true or false; nothing where it is neither, or null.
std::optional<bool> said(const nlohmann::json& object, const char* key);
/// Returns a member that is an object; else an empty one.
nlohmann::json object_in(const nlohmann::json& object, const char* key);
/// Returns a text; empty for a value of another type.
std::string string_of(const nlohmann::json& value);
/// Returns the member of a list in a provenance that belongs to a row of a table: such lists have an entry for each row
/// but the unquantized model's, which comes first. Null where the list has another length.
nlohmann::json of_row(const nlohmann::json& provenance, const char* key, const Table& table, std::size_t row);
/// Returns the only member of such a list in a record of one format.
std::string single(const nlohmann::json& provenance, const char* key);

}  // namespace subbyte::reports
