// The one error for wrong input, which says where it is, what is there and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// Thrown by every reader and command for input that is wrong; main prints what() and exits with status 2. what()
/// is "FILE: PLACE: TEXT", where an empty file or place is left out. The place is "offset N" (bytes from the start of
/// the file) in a binary file, "LINE:COLUMN" in text, or else a name ("tensor 'x'", "--layer").
class InputError : public std::runtime_error {
 public:
  InputError(std::string file, std::string place, std::string text)
      : std::runtime_error((file.empty() ? "" : file + ": ") + (place.empty() ? "" : place + ": ") + text),
        file_(std::move(file)),
        place_(std::move(place)),
        text_(std::move(text)) {}
  InputError(std::string file, std::uint64_t offset, const std::string& text)
      : InputError(std::move(file), "offset " + std::to_string(offset), text) {}

  const std::string& file() const { return file_; }
  const std::string& place() const { return place_; }
  /// What is wrong, without file and place.
  const std::string& text() const { return text_; }

 private:
  std::string file_;
  std::string place_;
  std::string text_;
};

/// Returns "LINE:COLUMN" of a byte of a text, both counted from 1, the column in bytes. An offset behind the end is the
/// end.
std::string place_in_text(std::string_view text, std::size_t offset);

}  // namespace subbyte::sim
