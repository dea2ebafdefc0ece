// What keys a reader of configurations accepts, told by the reader itself: it is run over a document that records what
// is asked of it. So no key is without its entry, and no entry without a key.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace subbyte::sim {

class Config;

/// What is said of a key.
struct KeyEntry {
  std::string name;  ///< dotted: "memory.sram"; "layers[].match" is in each mapping of a list
  std::string type;  ///< what stands there: "an integer 1..256", "one of a, b"
  bool required = true;
  std::optional<nlohmann::json> fallback;  ///< the value of a key that is left out; nothing where there is none
  std::string meaning;
};

/// Runs `reader` up to its finish() and returns the keys that it asks for, in that order. Optional keys count as given.
/// `example` is YAML: values by which the reader decides what to ask for.
std::vector<KeyEntry> described_keys(const std::function<void(const Config&)>& reader,
                                     const std::string& example = "{}");

}  // namespace subbyte::sim
