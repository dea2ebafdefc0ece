// --record FILE: what a command leaves behind for `subbyte report`.
#pragma once

#include <boost/program_options.hpp>

#include "reports/record.hpp"

namespace subbyte::sim {

void add_record_option(boost::program_options::options_description& options);

/// Writes the record, whole, when --record was given. Throws InputError when it cannot be written.
void write_record(const boost::program_options::variables_map& options, const reports::Record& record);

}  // namespace subbyte::sim
