// Says why something cannot be run.
#pragma once

#include <optional>
#include <string>

namespace subbyte::kernels {

/// Stands in a std::optional, where nothing says that it can be run.
struct Refusal {
  std::string text;  ///< a reason, for the middle of a sentence
};

}  // namespace subbyte::kernels
