// The documents of a YAML text, read so that no text is read for ever.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace subbyte::sim::detail {

/// Returns every document of the text as YAML::LoadAll() does. Throws YAML::ParserException at a token that begins no
/// document, such as a comma outside of brackets: LoadAll() of yaml-cpp 0.7 takes it for empty documents without end.
/// Throws it too for a tag of one's own (`!name`), which nothing reads.
std::vector<YAML::Node> yaml_documents(const std::string& text);

/// Says what is wrong in the text in words of what people write: quotes around a pattern, blanks in place of tabs.
std::string yaml_problem(const YAML::Exception& error, const std::string& text);

}  // namespace subbyte::sim::detail
