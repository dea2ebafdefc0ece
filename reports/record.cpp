#include "reports/record.hpp"

namespace subbyte::reports {

bool has_total(const Table& table) {
  return table.rows.size() > 1 && !table.columns.empty() && table.rows.back()[0] == "total";
}

}  // namespace subbyte::reports
