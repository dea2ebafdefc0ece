// One spelling of a Liberty text for the synthesis tools, which read less of it than this program does.
#pragma once

#include <string>
#include <string_view>

namespace subbyte::sim {

/// Returns the text without_wire_loads() and with what Yosys or ABC misread written as they read it, and all else byte
/// for byte: a group's brace stands on the line of its name, a string is on one line, and the unit of capacitance is in
/// lower case.
std::string in_the_tools_spelling(std::string_view text);

}  // namespace subbyte::sim
