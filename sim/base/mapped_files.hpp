// What happens when a page of a mapped file is not there.
#pragma once

namespace subbyte::sim {

/// From here on, SIGBUS ends the process with status 2 and a text that names the mapped file in which it happened:
/// a file that became shorter while it was read (this program's inputs are mapped), one that grows on a full disk (a
/// waveform is written through a mapping), or a shared library that is cut off. Linux names no other reason. With
/// `json` the same text also stands in a JSON object on standard output, as docs/files.md describes errors.
void explain_mapped_files(bool json);

}  // namespace subbyte::sim
