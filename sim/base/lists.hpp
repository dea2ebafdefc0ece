// Lists and patterns as people write them, in options and in configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Returns the parts between commas. A comma inside {} or [] separates nothing, because a format may be written as
/// one line of JSON. An empty text has no part. An empty part ("a,,b", "a,") is kept, so that whoever reads the parts
/// refuses it.
std::vector<std::string> comma_list(std::string_view text);

/// Tells whether a shell pattern matches a whole name: * stands for any text (dots and slashes as well), ? for one
/// character, and [abc] for one of a set.
bool shell_match(const std::string& pattern, std::string_view name);

}  // namespace subbyte::sim
