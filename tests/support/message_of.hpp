// Helps expectations about errors.
#pragma once

#include <exception>
#include <functional>
#include <string>

namespace subbyte {

/// Returns the message of what a call throws.
inline std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace subbyte
