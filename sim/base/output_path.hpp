// Where the bytes of an output path really go: through its links, to a file, a device or an open descriptor.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace subbyte::sim {

struct OutputPath {
  enum class Kind {
    kNew,         ///< nothing is there yet
    kFile,        ///< a regular file, which a whole new one replaces
    kStream,      ///< a device, a pipe or a socket, which is written and never replaced
    kDescriptor,  ///< an open descriptor of this process, such as /dev/stdout: written as a stream
    kFolder,
  };

  /// Whether bytes are written into what is there, which is never replaced.
  bool is_stream() const { return kind == Kind::kStream || kind == Kind::kDescriptor; }

  Kind kind = Kind::kNew;
  std::string path;     ///< with every link of its last component followed
  int descriptor = -1;  ///< of kDescriptor
  dev_t device = 0;     ///< of what is there
  ino_t inode = 0;      ///< of what is there
  mode_t mode = 0;      ///< type and permissions of what is there
  uid_t owner = 0;
  gid_t group = 0;
};

/// Follows the links of `path`, also one that points to nothing. Throws InputError for a circle of links, for a name
/// that is empty, and for one that ends in a slash.
OutputPath resolve_output(const std::string& path);

}  // namespace subbyte::sim
