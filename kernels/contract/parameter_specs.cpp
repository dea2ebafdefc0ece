#include "kernels/contract/parameter_specs.hpp"

#include <cctype>

namespace subbyte::kernels {

ParameterSpec spec(const char* name, std::int64_t default_value, std::int64_t min, std::int64_t max,
                   const char* summary) {
  std::string rtl_name;
  bool upper = true;
  for (const char* c = name; *c != '\0'; ++c) {
    if (*c != '_') rtl_name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(*c))) : *c;
    upper = *c == '_';
  }
  return {name, rtl_name, default_value, min, max, summary};
}

ParameterSpec lanes_spec() { return spec("lanes", 4, 1, 16, "products per PE and cycle"); }
ParameterSpec cols_spec() { return spec("cols", 8, 1, 32, "output channels side by side"); }
ParameterSpec shift_width_spec() { return spec("shift_width", 3, 2, 4, "bits of a term's shift"); }

std::vector<ParameterSpec> table_specs() {
  // There are 7 bits at most, because the special entries and the control word follow the entries in an 8-bit address.
  return {spec("table_bits", 4, 3, 7, "code bits that index the term table"),
          spec("table_terms", 2, 1, 4, "terms in a table entry")};
}

std::vector<ParameterSpec> rounded_sum_specs() {
  return {spec("align_bits", 6, 1, 16, "bits kept below the largest product of a beat"),
          spec("acc_width", 20, 8, 40, "bits of the group sum's magnitude"),
          spec("guard_bits", 3, 1, 8, "bits below the group sum while a beat is added")};
}

std::vector<ParameterSpec> accumulator_specs() {
  std::vector<ParameterSpec> specs = rounded_sum_specs();
  specs.push_back(spec("rounding", 0, 0, 1, "0: nearest even, 1: truncate (the published behaviour)"));
  specs.push_back(spec("exact", 0, 0, 1, "1: 64-bit fixed-point group sum"));
  return specs;
}

unsigned value_or(const Parameters& parameters, const char* name, unsigned otherwise) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? otherwise : static_cast<unsigned>(found->second);
}

}  // namespace subbyte::kernels
