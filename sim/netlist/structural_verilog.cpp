#include "sim/netlist/structural_verilog.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <stdexcept>

namespace subbyte::sim {
namespace {

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  /// Returns a word with its bit ("a[3]", "1'b0"), or one punctuation character; it is empty at the end.
  std::string next() {
    skip();
    if (at_ >= text_.size()) return {};
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    if (at_ == begin) return std::string(1, text_[at_++]);
    if (at_ < text_.size() && text_[at_] == '[') {
      const std::size_t end = text_.find(']', at_);
      if (end == std::string_view::npos) throw std::invalid_argument("netlist: '[' without ']'");
      at_ = end + 1;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }
  void expect(const std::string& token) {
    const std::string found = next();
    if (found != token) throw std::invalid_argument("netlist: found '" + found + "', expected '" + token + "'");
  }

 private:
  static bool in_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '\'';
  }
  void skip() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
        ++at_;
      else if (text_.compare(at_, 2, "//") == 0)
        at_ = std::min(text_.find('\n', at_), text_.size());
      else
        return;
    }
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Reads "net", "net[3]", "1'b0" or "1'b1".
std::string net_name(std::string token) {
  const bool constant = token == "1'b0" || token == "1'b1";
  const char first = token.empty() ? '\0' : token[0];
  const bool name =
      (std::isalpha(static_cast<unsigned char>(first)) != 0 || first == '_') && token.find('\'') == std::string::npos;
  if (!constant && !name) throw std::invalid_argument("netlist: found '" + token + "', expected a net, 1'b0 or 1'b1");
  return token;
}

std::vector<std::string> read_bits(Tokens& tokens, std::string& end) {
  std::vector<std::string> bits;
  std::string token = tokens.next();
  if (token == ")") {
    end = token;
    return bits;
  }
  if (token != "{") {
    end = tokens.next();
    return {net_name(token)};
  }
  for (token = tokens.next(); token != "}" && !token.empty(); token = tokens.next()) {
    if (token != ",") bits.push_back(net_name(token));
  }
  std::ranges::reverse(bits);  // a concatenation names the highest bit first
  end = tokens.next();
  return bits;
}

VerilogInstance read_instance(Tokens& tokens, const std::string& type) {
  VerilogInstance instance{type, tokens.next(), {}};
  tokens.expect("(");
  for (std::string token = tokens.next(); token != ")"; token = tokens.next()) {
    if (token == ",") continue;
    if (token != ".")
      throw std::invalid_argument("netlist: found '" + token + "' in " + instance.name + ", expected '.PIN('");
    VerilogConnection connection{tokens.next(), {}};
    tokens.expect("(");
    std::string end;
    connection.bits = read_bits(tokens, end);
    if (end != ")") throw std::invalid_argument("netlist: found '" + end + "' in " + instance.name + ", expected ')'");
    instance.connections.push_back(std::move(connection));
  }
  tokens.expect(";");
  return instance;
}

/// The limit is for all ports of a module together, because a few letters name any width and each bit becomes a net.
constexpr unsigned kMostPortBits = 1U << 17;

VerilogPort read_port(Tokens& tokens, bool input) {
  VerilogPort port{"", input, 1};
  std::string token = tokens.next();
  if (token == "[") {
    const std::string high = tokens.next();
    const auto [end, error] = std::from_chars(high.data(), high.data() + high.size(), port.width);
    if (error != std::errc{} || end != high.data() + high.size() || port.width >= kMostPortBits || port.width == 0)
      throw std::invalid_argument("netlist: port [" + high + ":0], expected 1.." + std::to_string(kMostPortBits - 1));
    ++port.width;
    for (const char* part : {":", "0", "]"}) tokens.expect(part);
    token = tokens.next();
  }
  port.name = net_name(token);
  if (port.name.find('[') != std::string::npos)
    throw std::invalid_argument("netlist: found '" + token + "', expected a port's name");
  tokens.expect(";");
  return port;
}

VerilogModule read_module(Tokens& tokens) {
  VerilogModule module;
  std::set<std::string> ports;
  std::size_t bits = 0;
  for (std::string token = tokens.next(); token != ";"; token = tokens.next()) {
    if (token.empty()) throw std::invalid_argument("netlist: the text ends in a module's header");
  }
  for (std::string token = tokens.next(); token != "endmodule"; token = tokens.next()) {
    if (token.empty()) throw std::invalid_argument("netlist: the text ends inside a module");
    if (token == "input" || token == "output") {
      module.ports.push_back(read_port(tokens, token == "input"));
      bits += module.ports.back().width;
      if (bits > kMostPortBits)
        throw std::invalid_argument("netlist: more than " + std::to_string(kMostPortBits) + " port bits");
      if (!ports.insert(module.ports.back().name).second)
        throw std::invalid_argument("netlist: port '" + module.ports.back().name + "' twice");
    } else if (token == "wire") {
      tokens.next();
      tokens.expect(";");
    } else if (token == "assign") {
      std::string target = net_name(tokens.next());
      tokens.expect("=");
      module.assigns.emplace_back(std::move(target), net_name(tokens.next()));
      tokens.expect(";");
    } else {
      module.instances.push_back(read_instance(tokens, token));
    }
  }
  return module;
}

}  // namespace

std::map<std::string, VerilogModule> parse_structural_verilog(std::string_view text) {
  std::map<std::string, VerilogModule> modules;
  Tokens tokens(text);
  for (std::string token = tokens.next(); !token.empty(); token = tokens.next()) {
    if (token != "module") throw std::invalid_argument("netlist: found '" + token + "', expected 'module'");
    const std::string name = tokens.next();
    if (!modules.try_emplace(name).second) throw std::invalid_argument("netlist: module '" + name + "' twice");
    modules[name] = read_module(tokens);
  }
  return modules;
}

}  // namespace subbyte::sim
