// A cache of JSON values by content key, with one file per key and version. Several processes may share the folder,
// and programs of several versions too.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>

namespace subbyte::sim {

/// Thrown by a cache that gives only what it already has.
struct NotKept : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Returns the text of a file that keeps a value: {"key", "checksum", "value"}.
std::string sealed(const std::string& key, const nlohmann::json& value);
/// Returns the value in such a file. The result is null where the file does not hold a value of this key as it was
/// written: the file is absent, cannot be read, is damaged, was edited, or holds a value of another key.
nlohmann::json unsealed(const std::filesystem::path& path, const std::string& key);

class JsonCache {
 public:
  /// `version` names the code that makes the values (subbyte_version in CMakeLists.txt): a value that other code kept
  /// is never given. Where there is one of the key that is asked for, or the folder is of a program without versions, a
  /// line on standard error says once per process that such values are computed again.
  JsonCache(std::filesystem::path folder, std::string version)
      : folder_(std::move(folder)), version_(std::move(version)) {}
  const std::filesystem::path& folder() const { return folder_; }
  /// Returns a cache of the same entries whose get() makes no value: it throws NotKept instead.
  JsonCache kept_alone() const {
    JsonCache cache = *this;
    cache.kept_alone_ = true;
    return cache;
  }

  /// Returns the value that is kept under `key`, or else what `make` gives, which is then kept. An entry that is
  /// damaged (it is not JSON, has another key or a wrong checksum) counts as absent and is replaced. A value that
  /// `keep` refuses is returned and not kept.
  nlohmann::json get(const std::string& key, const std::function<nlohmann::json()>& make,
                     const std::function<bool(const nlohmann::json&)>& keep = {}) const;

 private:
  void say_if_outdated(const std::string& name) const;

  std::filesystem::path folder_;
  std::string version_;
  bool kept_alone_ = false;
};

}  // namespace subbyte::sim
