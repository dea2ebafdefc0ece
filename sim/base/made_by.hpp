// What made a result record: the program, its revision, the day and the machine.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace subbyte::sim {

/// Says which program this is, once, before any record is written. Without it the revision is "unknown".
void set_version(const std::string& version, const std::string& revision);

/// Returns {"program", "revision", "date" (UTC, "2026-11-30T16:07:16Z"), "machine" {"cpu", "cores"}}, which is the
/// key "made_by" of a record's provenance. Where SOURCE_DATE_EPOCH is set, the date is that second and the machine is
/// left out, so that the same command writes the same bytes again, anywhere.
nlohmann::json made_by();

}  // namespace subbyte::sim
