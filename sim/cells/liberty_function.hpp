// Logic functions as Liberty writes them: "(A B)' + !C ^ D".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Truth table of a Liberty function over `inputs` (input 0 is bit 0 of the index); at most 6 inputs.
/// Throws std::invalid_argument for a function that cannot be read or that names another pin.
std::uint64_t truth_table(std::string_view function, const std::vector<std::string>& inputs);

/// The same function as a Verilog expression, every operation in brackets; names outside `inputs` are refused as in
/// truth_table, but their number is not limited. Throws std::invalid_argument.
std::string verilog_expression(std::string_view function, const std::vector<std::string>& inputs);

/// One step of a logic function on words: values 0 .. n-1 are the inputs, n + i is the result of step i.
struct LogicStep {
  enum class Kind : std::uint8_t { kLow, kHigh, kCopy, kNot, kAnd, kNand, kOr, kNor, kXor, kXnor };
  Kind kind = Kind::kLow;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};
/// The same function as steps, the last of which is its value; never empty. Throws std::invalid_argument as
/// verilog_expression.
std::vector<LogicStep> logic_steps(std::string_view function, const std::vector<std::string>& inputs);

}  // namespace subbyte::sim
