#include "sim/commands/record_option.hpp"

#include "sim/base/output_file.hpp"

namespace subbyte::sim {

namespace po = boost::program_options;

void add_record_option(po::options_description& options) {
  options.add_options()("record", po::value<std::string>(), "also write a result record (JSON) for `subbyte report`");
}

void write_record(const po::variables_map& options, const reports::Record& record) {
  if (options.count("record") == 0) return;
  write_atomically(options["record"].as<std::string>(),
                   reports::to_json(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace subbyte::sim
