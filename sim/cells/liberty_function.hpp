// Reads logic functions as Liberty writes them, for example "(A B)' + !C ^ D".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Returns the truth table of a Liberty function over `inputs`, of which there are at most 6 (input 0 is bit 0 of the
/// index). Throws std::invalid_argument for a function that cannot be read or that names another pin.
std::uint64_t truth_table(std::string_view function, const std::vector<std::string>& inputs);

/// Returns the same function as a Verilog expression with every operation in brackets. Names outside `inputs` are
/// refused as in truth_table, but the number of inputs is not limited. Throws std::invalid_argument.
std::string verilog_expression(std::string_view function, const std::vector<std::string>& inputs);

/// One step of a logic function on words. The values 0 .. n-1 are the inputs, and n + i is the result of step i.
struct LogicStep {
  enum class Kind : std::uint8_t { kLow, kHigh, kCopy, kNot, kAnd, kNand, kOr, kNor, kXor, kXnor };
  Kind kind = Kind::kLow;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};
/// Returns the same function as steps, the last of which is its value; there is always one at least. Throws
/// std::invalid_argument as verilog_expression does.
std::vector<LogicStep> logic_steps(std::string_view function, const std::vector<std::string>& inputs);

}  // namespace subbyte::sim
