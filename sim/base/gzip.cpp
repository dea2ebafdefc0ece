#include "sim/base/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

namespace subbyte::sim {
namespace {

// the largest window; 16 more says that a gzip header is expected and nothing else
constexpr int kGzipWindow = 15 + 16;
constexpr std::size_t kChunk = std::size_t{1} << 18;

/// Unpacks bytes that outlive it.
class Inflater {
 public:
  explicit Inflater(std::string_view bytes) : left_(bytes) {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::runtime_error("zlib cannot be started");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool more() const { return stream_.avail_in > 0 || !left_.empty(); }

  /// Appends the next piece of text, and returns true at the end of a member, after which another may begin.
  bool step(std::string& text) {
    feed();
    stream_.next_out = chunk_.data();
    stream_.avail_out = static_cast<uInt>(chunk_.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_BUF_ERROR || (status == Z_OK && !more() && stream_.avail_out > 0))
      throw std::runtime_error("unexpected end of file");
    if (status != Z_OK && status != Z_STREAM_END)
      throw std::runtime_error(stream_.msg != nullptr ? stream_.msg : "invalid compressed data");
    text.append(reinterpret_cast<const char*>(chunk_.data()), chunk_.size() - stream_.avail_out);
    if (status == Z_STREAM_END) inflateReset(&stream_);
    return status == Z_STREAM_END;
  }

 private:
  void feed() {
    if (stream_.avail_in > 0) return;
    const std::size_t size = std::min<std::size_t>(left_.size(), std::numeric_limits<uInt>::max());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(left_.data()));
    stream_.avail_in = static_cast<uInt>(size);
    left_.remove_prefix(size);
  }

  std::string_view left_;
  z_stream stream_{};
  std::vector<Bytef> chunk_ = std::vector<Bytef>(kChunk);
};

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string unpack_gzip(std::string_view bytes, std::size_t most) {
  Inflater inflater(bytes);
  std::string text;
  for (bool ended = false; !ended || inflater.more();) {
    ended = inflater.step(text);
    if (text.size() > most) throw std::length_error("more than " + std::to_string(most) + " bytes");
  }
  return text;
}

}  // namespace subbyte::sim
