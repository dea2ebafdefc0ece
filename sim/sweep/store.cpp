#include "sim/sweep/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "sim/base/cache.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/input_error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/progress.hpp"

namespace subbyte::sim {
namespace {

// These are open-file-description locks. They are tied to this descriptor, not to the process as a whole, and the
// kernel drops them when the process dies.
bool lock_byte(int file, std::uint64_t byte, short type, int command) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(byte);
  lock.l_len = 1;
  while (::fcntl(file, command, &lock) != 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EACCES) return false;
    throw std::runtime_error(std::string("sweep lock: ") + std::strerror(errno));
  }
  return true;
}

std::uint64_t byte_of(const std::string& key) { return hash_number(key) >> 2; }

}  // namespace

SweepStore::SweepStore(const std::filesystem::path& directory, std::string program)
    : directory_(directory), program_(std::move(program)) {
  std::error_code error;
  std::filesystem::create_directories(directory_ / "points", error);
  if (error) throw InputError((directory_ / "points").string(), "", "the folder cannot be made: " + error.message());
  lock_file_ = ::open((directory_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_file_ < 0)
    throw InputError((directory_ / "lock").string(), "", std::string("cannot be written: ") + std::strerror(errno));
}

SweepStore::~SweepStore() { ::close(lock_file_); }

SweepStore::Claim::~Claim() {
  if (store_ != nullptr) lock_byte(store_->lock_file_, byte_, F_UNLCK, F_OFD_SETLK);
}

std::filesystem::path SweepStore::point_path(const std::string& key) const {
  return directory_ / "points" / (key + "-" + program_ + ".json");
}

std::size_t SweepStore::outdated() const {
  const std::string current = "-" + program_ + ".json";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "points")) {
    const std::string name = entry.path().filename().string();
    count += name.ends_with(".json") && !name.ends_with(current) ? 1 : 0;
  }
  return count;
}

std::optional<nlohmann::json> SweepStore::load(const std::string& key) const {
  const std::filesystem::path path = point_path(key);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  nlohmann::json point = unsealed(path, key);
  if (point.is_object()) return point;
  if (told_.insert(key).second)
    say(path.string() + " is not as a sweep wrote it for this point, and is computed again");
  return std::nullopt;
}

std::optional<SweepStore::Claim> SweepStore::try_claim(const std::string& key) {
  const std::uint64_t byte = byte_of(key);
  if (!lock_byte(lock_file_, byte, F_WRLCK, F_OFD_SETLK)) return std::nullopt;
  return Claim(this, byte);
}

SweepStore::Claim SweepStore::claim(const std::string& key) {
  const std::uint64_t byte = byte_of(key);
  lock_byte(lock_file_, byte, F_WRLCK, F_OFD_SETLKW);
  return Claim(this, byte);
}

void SweepStore::save(const std::string& key, const nlohmann::json& point) {
  // The claim makes this process the only writer of the key, so what else begins with its name was left by a kill.
  const std::string partial = point_path(key).filename().string() + ".";
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "points"))
    if (entry.path().filename().string().starts_with(partial)) std::filesystem::remove(entry.path());
  write_atomically(point_path(key), sealed(key, point));
}

}  // namespace subbyte::sim
