// Cuts a Liberty text into tokens (Synopsys Liberty User Guide, volume 1): words, strings and punctuation. Comments and
// line continuations are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace subbyte::sim {

/// Reports what was wrong before `offset` of a text: throws InputError that names `file` and the line.
[[noreturn]] void refuse_liberty(std::string_view text, const std::string& file, std::size_t offset,
                                 const std::string& what);

/// The text must outlive the scanner. Anything malformed throws InputError that names `file` and the line.
class LibertyScanner {
 public:
  LibertyScanner(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  [[noreturn]] void fail(const std::string& what) const;
  /// The offset at which the next token is looked for.
  std::size_t offset() const { return at_; }
  /// Returns a word, a quoted string (without its quotes, continuation lines joined), or one punctuation character. The
  /// token is empty at the end.
  std::string next();
  std::string peek();
  /// Returns the value of a simple attribute, which reaches to the ';' or to the end of the line.
  std::string value();
  /// Returns what stands between '(', which was read, and ')'; commas are left out.
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
