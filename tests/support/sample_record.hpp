// A record with everything that a report shows, and texts that try to break its page.
#pragma once

#include "reports/record.hpp"

namespace subbyte::reports {

inline Record sample() {
  Record record;
  record.title = "A <b>title</b>";
  record.kind = "sweep";
  record.provenance = {{"seed", 7}};
  record.metrics = {{"cycles per token", "time", "cycles", 1234.5, "rtl"}};
  Table table{
      "Points",
      {{"format", "", "", 4}, {"SQNR", "dB", "derived", 4}, {"area", "µm²", "table: osu018", 4}, {"front", "", "", 4}},
      {},
      "A note."};
  table.rows = {
      {"int8", 41.6234, 1234567.0, true}, {"a,\"b\"", 5.5, nullptr, false}, {"int4", 20.25, 2345678.0, false}};
  record.tables = {table};
  record.scatters = {{"SQNR against area", 0, 2, 1, 0, 3, true}};
  record.scatters[0].join = Join::kMarked;
  record.treemaps = {{"Area by format", 0, 0, 2}, {"Area by front", 0, 0, 2, 3}};
  record.bars = {{"Area and SQNR", 0, 0, {1, 2}, false, true}};
  record.rooflines = {{"Roofline", 0, 0, 1, 2, 2, 1, 0}};
  return record;
}

}  // namespace subbyte::reports
