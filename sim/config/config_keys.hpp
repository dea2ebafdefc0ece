// A key of a configuration, and what is said of it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace subbyte::sim {

/// A key as its reader asks for it. The meaning is a whole sentence, with the unit of a quantity: `subbyte keys` prints
/// it.
struct Key {
  std::string_view name;
  std::string_view meaning;
};

/// What `subbyte keys` says of a key.
struct KeyEntry {
  std::string name;  ///< dotted: "memory.sram"; "layers[].match" is in each mapping of a list
  std::string type;  ///< what stands there: "an integer 1..256", "one of a, b"
  bool required = true;
  std::optional<nlohmann::json> fallback;  ///< the value of a key that is left out; nothing where there is none
  std::string meaning;
};

}  // namespace subbyte::sim
