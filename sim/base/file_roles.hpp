// Which files a command reads and which it writes, so that no output replaces an input or another output.
//
// A command's options say which files it will write (plan_output) before anything is read; whatever reads a file then
// says so (note_input). Files are compared as the system knows them, by device and inode, so that links and different
// spellings of a path are seen through; a file that does not exist yet is compared by its resolved path. Devices,
// pipes and /dev/null may be named several times.
#pragma once

#include <optional>
#include <string>

namespace subbyte::sim {

/// Forgets the files of the command before this one, because a process may run several, one after the other.
void start_file_roles();

/// Notes that the command will write `path`; `option` is how the user named it ("--out"). Throws InputError where
/// it is a file that this command reads, another output of it, or the file that standard output goes to. A path that
/// names standard output itself (/dev/stdout) is a stream: from here on, what the command prints goes to standard
/// error, so that the output is not mixed with text. A file that is `updated` is read first, and written with its other
/// content kept.
void plan_output(const std::string& path, const std::string& option, bool updated = false);

/// Notes that the command has opened `path` for reading. Throws InputError where it is a planned output.
void note_input(const std::string& path);

/// Notes that the command reads a folder: a model, or sources. No output replaces a file that stands in it, read or
/// not, because the next command may read it; a new file may be written there. Throws InputError as note_input() does.
void note_input_folder(const std::string& path);

/// Returns the content of a file that the command reads whole, plain file or pipe, which is noted as an input. Throws
/// InputError, which says what was `expected` ("a YAML file"): for a folder, for what the system does not open or read,
/// with its reason, and for a pipe or device that gives more than 256 MiB. Throws as note_input() does.
std::string text_of_input(const std::string& path, const std::string& expected);

/// Returns the descriptor to which an output is written that names standard output. It is what was standard output
/// before plan_output() moved the text away, or else `descriptor` itself.
int output_descriptor(int descriptor);

/// Tells whether an output of this process has taken standard output, so that text goes to standard error.
bool text_moved();

}  // namespace subbyte::sim
