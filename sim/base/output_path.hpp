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

  /// Tells whether bytes are written into what is there, which is then never replaced.
  bool is_stream() const { return kind == Kind::kStream || kind == Kind::kDescriptor; }

  Kind kind = Kind::kNew;
  std::string path;     ///< the path with every link of its last component followed
  int descriptor = -1;  ///< the number of the descriptor, for kDescriptor
  dev_t device = 0;     ///< the device of what is there
  ino_t inode = 0;      ///< the inode of what is there
  mode_t mode = 0;      ///< the type and permissions of what is there
  uid_t owner = 0;
  gid_t group = 0;
};

/// Follows the links of `path`, even one that points to nothing. Throws InputError for a circle of links, for a
/// name that is empty, and for one that ends in a slash.
OutputPath resolve_output(const std::string& path);

/// Throws InputError, with the system's reason, where files could not be made in this folder, which need not be there.
/// Nothing is made.
void check_output_folder(const std::string& folder);

}  // namespace subbyte::sim
