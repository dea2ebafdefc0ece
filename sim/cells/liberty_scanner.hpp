// Tokens of a Liberty text (Synopsys Liberty User Guide, volume 1): words, strings, punctuation; comments and line
// continuations are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// What was wrong before `offset` of a text: throws InputError naming `file` and the line.
[[noreturn]] void refuse_liberty(std::string_view text, const std::string& file, std::size_t offset,
                                 const std::string& what);

/// The text outlives the scanner. What is malformed throws InputError naming `file` and the line.
class LibertyScanner {
 public:
  LibertyScanner(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  [[noreturn]] void fail(const std::string& what) const;
  /// Where the next token is looked for.
  std::size_t offset() const { return at_; }
  /// A word, a quoted string (unquoted, continuation lines joined), or one punctuation character; empty at
  /// the end.
  std::string next();
  std::string peek();
  /// The value of a simple attribute, to the ';' or the end of the line.
  std::string value();
  /// What stands between '(', which was read, and ')'; commas are left out.
  std::vector<std::string> arguments();

 private:
  void skip_spaces();
  void skip_blank();
  void skip_comment();
  std::string quoted();

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
};

}  // namespace subbyte::sim
