// A cache of JSON values by content key, one file per key. Several processes may share the folder.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>

namespace subbyte::sim {

/// Thrown by a cache that only gives what it has.
struct NotKept : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class JsonCache {
 public:
  explicit JsonCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path& folder() const { return folder_; }
  /// The same entries, of which get() makes none: it throws NotKept instead.
  JsonCache kept_alone() const {
    JsonCache cache = *this;
    cache.kept_alone_ = true;
    return cache;
  }

  /// The value kept under `key`, else what `make` gives, which is then kept. An entry that is damaged (not
  /// JSON, another key, a wrong checksum) counts as absent and is replaced.
  /// A value that `keep` refuses is given and not kept.
  nlohmann::json get(const std::string& key, const std::function<nlohmann::json()>& make,
                     const std::function<bool(const nlohmann::json&)>& keep = {}) const;

 private:
  std::filesystem::path folder_;
  bool kept_alone_ = false;
};

}  // namespace subbyte::sim
