// Keeps the points of a sweep, with one file per completed point. It is safe against kills and against other sweeps in
// the directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace subbyte::sim {

/// Hash of the sources that compute points; changes when they do.
const char* point_program();

/// Layout: DIR/points/<key>-<program>.json per completed point, which is {"key", "checksum", "value"} (written whole,
/// then renamed), and DIR/lock. A point
/// being computed is claimed by a lock on one byte of DIR/lock that the kernel drops when the process dies,
/// so a kill loses only the point in progress, a completed point is never computed again, and two sweeps
/// never compute the same point at once.
class SweepStore {
 public:
  /// Creates the directories. Throws InputError with the path.
  explicit SweepStore(const std::filesystem::path& directory, std::string program = point_program());
  ~SweepStore();
  SweepStore(const SweepStore&) = delete;
  SweepStore& operator=(const SweepStore&) = delete;

  /// The exclusive right to compute one point, given back on destruction (or by the kernel).
  class Claim {
   public:
    Claim(Claim&& other) noexcept : store_(std::exchange(other.store_, nullptr)), byte_(other.byte_) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim();

   private:
    friend class SweepStore;
    Claim(SweepStore* store, std::uint64_t byte) : store_(store), byte_(byte) {}
    SweepStore* store_;
    std::uint64_t byte_;
  };

  /// Points that another program computed, or one that did not write which it was: they are kept, and not used.
  std::size_t outdated() const;
  /// The completed point, if this program computed one. A file that is damaged, that was edited, or that holds the
  /// point of another key counts as none, and a line on standard error says so.
  std::optional<nlohmann::json> load(const std::string& key) const;
  /// Claims a point without waiting; gives nothing when another process has it.
  std::optional<Claim> try_claim(const std::string& key);
  /// Claims a point; where another process has it, waits for that process to finish or die.
  Claim claim(const std::string& key);
  /// Stores a point. The caller must hold a claim of its key.
  void save(const std::string& key, const nlohmann::json& point);

 private:
  std::filesystem::path point_path(const std::string& key) const;
  std::filesystem::path directory_;
  mutable std::set<std::string> told_;  ///< the keys of points of which it was said that they are damaged
  std::string program_;
  int lock_file_;
};

}  // namespace subbyte::sim
