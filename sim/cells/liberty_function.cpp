// Reads Liberty functions. It knows enough of the expression language to recognise an inverter, a buffer and a NAND by
// what they compute.
#include "sim/cells/liberty_function.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace subbyte::sim {
namespace {

/// Builds truth tables over at most six inputs; a row of the table is a bit of the word.
struct Tables {
  using Value = std::uint64_t;
  static Value constant(bool one) { return one ? ~Value{0} : 0; }
  static Value input(std::size_t index, const std::string&) {
    Value table = 0;
    for (unsigned row = 0; row < 64; ++row) table |= Value{(row >> index) & 1U} << row;
    return table;
  }
  static Value either(const Value& a, const Value& b) { return a | b; }
  static Value both(const Value& a, const Value& b) { return a & b; }
  static Value differ(const Value& a, const Value& b) { return a ^ b; }
  static Value inverse(const Value& a) { return ~a; }
};

struct Verilog {
  using Value = std::string;
  static Value constant(bool one) { return one ? "1'b1" : "1'b0"; }
  static Value input(std::size_t, const std::string& name) { return name; }
  static Value either(const Value& a, const Value& b) { return "(" + a + " | " + b + ")"; }
  static Value both(const Value& a, const Value& b) { return "(" + a + " & " + b + ")"; }
  static Value differ(const Value& a, const Value& b) { return "(" + a + " ^ " + b + ")"; }
  static Value inverse(const Value& a) { return "(~" + a + ")"; }
};

/// Builds steps on words. A value is the index of an input or, beyond the inputs, of a step.
class Steps {
 public:
  using Value = std::uint32_t;
  using Kind = LogicStep::Kind;
  explicit Steps(std::size_t inputs) : inputs_(static_cast<Value>(inputs)) {}

  Value constant(bool one) { return add({one ? Kind::kHigh : Kind::kLow}); }
  static Value input(std::size_t index, const std::string&) { return static_cast<Value>(index); }
  Value either(Value a, Value b) { return add({Kind::kOr, a, b}); }
  Value both(Value a, Value b) { return add({Kind::kAnd, a, b}); }
  Value differ(Value a, Value b) { return add({Kind::kXor, a, b}); }
  // The inverse of the step before is that step inverted, because nobody else reads it.
  Value inverse(Value a) {
    if (a != inputs_ + steps_.size() - 1 || steps_.empty()) return add({Kind::kNot, a});
    static constexpr Kind kInverse[] = {Kind::kHigh, Kind::kLow, Kind::kNot, Kind::kCopy, Kind::kNand,
                                        Kind::kAnd,  Kind::kNor, Kind::kOr,  Kind::kXnor, Kind::kXor};
    steps_.back().kind = kInverse[static_cast<std::size_t>(steps_.back().kind)];
    return a;
  }
  std::vector<LogicStep> take(Value value) {
    if (steps_.empty() || value != inputs_ + steps_.size() - 1) add({Kind::kCopy, value});
    return std::move(steps_);
  }

 private:
  Value add(LogicStep step) {
    steps_.push_back(step);
    return inputs_ + static_cast<Value>(steps_.size()) - 1;
  }
  Value inputs_;
  std::vector<LogicStep> steps_;
};

/// Parses by recursive descent. An `or` is an `and` followed by any number of (+ '|') and `and`s. An `and` is a product
/// by '*', '&' or a blank; '^' binds between the two.
template <typename Algebra>
class Expression {
 public:
  using Value = typename Algebra::Value;
  Expression(std::string_view text, const std::vector<std::string>& inputs, Algebra algebra = Algebra())
      : text_(text), inputs_(inputs), algebra_(std::move(algebra)) {}
  Algebra& algebra() { return algebra_; }
  Value read() {
    Value value = any();
    if (skip() != '\0') fail();
    return value;
  }

 private:
  [[noreturn]] void fail() const {
    throw std::invalid_argument("cannot read the function '" + std::string(text_) + "'");
  }
  char skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  Value any() {
    Value value = exclusive();
    for (char c = skip(); c == '+' || c == '|'; c = skip()) {
      ++at_;
      value = algebra_.either(value, exclusive());
    }
    return value;
  }
  Value exclusive() {
    Value value = all();
    for (char c = skip(); c == '^'; c = skip()) {
      ++at_;
      value = algebra_.differ(value, all());
    }
    return value;
  }
  Value all() {
    Value value = factor();
    for (char c = skip(); c != '\0' && c != '+' && c != '|' && c != '^' && c != ')'; c = skip()) {
      if (c == '*' || c == '&') ++at_;
      value = algebra_.both(value, factor());
    }
    return value;
  }
  Value factor() {
    constexpr unsigned kDeepest = 200;
    if (++depth_ > kDeepest) fail();
    Value value = inner_factor();
    --depth_;
    return value;
  }
  Value inner_factor() {
    Value value{};
    const char c = skip();
    if (c == '!') {
      ++at_;
      value = algebra_.inverse(factor());
    } else if (c == '(') {
      ++at_;
      value = any();
      if (skip() != ')') fail();
      ++at_;
    } else {
      value = name();
    }
    for (; skip() == '\''; ++at_) value = algebra_.inverse(value);
    return value;
  }
  Value name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    if (word == "0" || word == "1") return algebra_.constant(word == "1");
    const auto found = std::find(inputs_.begin(), inputs_.end(), word);
    if (word.empty() || found == inputs_.end()) fail();
    return algebra_.input(static_cast<std::size_t>(found - inputs_.begin()), word);
  }

  std::string_view text_;
  const std::vector<std::string>& inputs_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  Algebra algebra_;
};

}  // namespace

std::uint64_t truth_table(std::string_view function, const std::vector<std::string>& inputs) {
  if (inputs.size() > 6) throw std::invalid_argument("a function of more than 6 inputs");
  const unsigned rows = 1U << inputs.size();
  const std::uint64_t mask = rows == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rows) - 1;
  return Expression<Tables>(function, inputs).read() & mask;
}

std::string verilog_expression(std::string_view function, const std::vector<std::string>& inputs) {
  return Expression<Verilog>(function, inputs).read();
}

std::vector<LogicStep> logic_steps(std::string_view function, const std::vector<std::string>& inputs) {
  Expression<Steps> expression(function, inputs, Steps(inputs.size()));
  const std::uint32_t value = expression.read();
  return expression.algebra().take(value);
}

}  // namespace subbyte::sim
