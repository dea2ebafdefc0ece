// Named pipes (FIFOs) as inputs and outputs: nothing is there until another program opens the other end.
#pragma once

#include <functional>
#include <string>

namespace subbyte::sim {

/// Says that a pipe is waited for. By default that is a line on standard error; the program sets what it says lines by.
std::function<void(const std::string&)>& waiting_line();

/// Opens a file to read it, and returns its descriptor, or -1 with errno. A named pipe is waited for until there is
/// something to read or its writer has gone; after two seconds a line on standard error says so.
int open_to_read(const std::string& path);
/// Opens what is there to write into it, and returns its descriptor, or -1 with errno. A named pipe is waited for until
/// another program reads it; after two seconds a line on standard error says so.
int open_to_write(const std::string& path);

}  // namespace subbyte::sim
