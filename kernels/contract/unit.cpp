#include "kernels/contract/unit.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>

#include "quant/base/suggestion.hpp"

namespace subbyte::kernels {

std::string UnitPoint::name() const {
  return parameters.empty() ? unit->name : unit->name + " " + parameters_text(parameters, " ");
}

std::string parameters_text(const Parameters& parameters, std::string_view separator) {
  std::string text;
  for (const auto& [name, value] : parameters)
    text.append(text.empty() ? "" : separator).append(name).append("=").append(std::to_string(value));
  return text;
}

Parameters parse_parameters(const std::string& text) {
  Parameters parameters;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const std::size_t equals = word.find('=');
    std::int64_t value = 0;
    const char* const end = word.data() + word.size();
    const char* const begin =
        word.data() + std::min(word.size(), equals == std::string::npos ? word.size() : equals + 1);
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (equals == std::string::npos || equals == 0 || error != std::errc() || stop != end)
      throw std::invalid_argument("'" + word + "' is not NAME=INTEGER, expected for example lanes=4,exact=1");
    if (!parameters.emplace(word.substr(0, equals), value).second)
      throw std::invalid_argument("'" + word.substr(0, equals) + "' is given twice, expected once");
  }
  return parameters;
}

Parameters resolve(const UnitInfo& info, const Parameters& given) {
  Parameters complete;
  std::vector<std::string> known;
  for (const ParameterSpec& spec : info.parameters) {
    complete[spec.name] = spec.default_value;
    known.push_back(spec.name);
  }
  for (const auto& [name, value] : given) {
    const auto spec = std::ranges::find(info.parameters, name, &ParameterSpec::name);
    if (spec == info.parameters.end())
      throw std::invalid_argument("unit " + info.name + " has no parameter '" + name + "', " +
                                  quant::expectation(name, known));
    if (value < spec->min || value > spec->max) {
      throw std::invalid_argument("parameter '" + name + "' of unit " + info.name + " is " + std::to_string(value) +
                                  ", expected " + std::to_string(spec->min) + ".." + std::to_string(spec->max));
    }
    complete[name] = value;
  }
  return complete;
}

std::optional<Refusal> without_rtl(const UnitInfo& info) {
  if (info.rtl) return {};
  return Refusal{"it has no RTL yet, expected the engines golden, fast and systemc"};
}

Parameters element_point(const UnitInfo& info) {
  const ParameterSpec& count = info.parameters.at(0);
  return resolve(info, {{count.name, count.min}});
}

}  // namespace subbyte::kernels
