// SPDX-License-Identifier: Apache-2.0
#include "traces/image/expression.h"

#include <cctype>
#include <charconv>
#include <vector>

#include "traces/proto/text_config.h"

namespace dixion {
namespace {

constexpr int kDeepest = 64;  // parentheses

/// Recursive descent: sum = product {(+|-) product}, product = atom {(*|/) atom}.
class Parser {
 public:
  Parser(const std::string& text, const Symbols& symbols, const std::string& user)
      : text_(text), symbols_(symbols), user_(user) {}

  std::int64_t parse() {
    const std::int64_t value = sum();
    if (peek() != '\0') fail("unexpected '" + std::string(1, peek()) + "'");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw ConfigError(user_, "expression '" + text_ + "': " + reason);
  }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::int64_t sum() {
    std::int64_t value = product();
    while (peek() == '+' || peek() == '-') {
      const bool plus = text_[at_++] == '+';
      const std::int64_t other = product();
      if (plus ? __builtin_add_overflow(value, other, &value) : __builtin_sub_overflow(value, other, &value)) {
        fail("too large");
      }
    }
    return value;
  }

  std::int64_t product() {
    std::int64_t value = atom();
    while (peek() == '*' || peek() == '/') {
      const bool times = text_[at_++] == '*';
      const std::int64_t other = atom();
      if (times) {
        if (__builtin_mul_overflow(value, other, &value)) fail("too large");
      } else {
        if (other <= 0 || value % other != 0) {
          fail(std::to_string(value) + " cannot be divided by " + std::to_string(other));
        }
        value /= other;
      }
    }
    return value;
  }

  std::int64_t atom() {
    const char first = peek();
    if (first == '(') {
      if (++depth_ > kDeepest) fail("too many parentheses");
      ++at_;
      const std::int64_t value = sum();
      if (peek() != ')') fail("expected ')'");
      ++at_;
      --depth_;
      return value;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    const std::string word = text_.substr(begin, at_ - begin);
    if (word.empty()) fail("expected a number or a symbol");
    if (std::isdigit(static_cast<unsigned char>(first)) != 0) {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (error != std::errc() || end != word.data() + word.size()) fail("'" + word + "' is no number");
      return value;
    }
    const auto found = symbols_.find(word);
    if (found == symbols_.end()) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : symbols_) names.push_back(name);
      fail("unknown symbol '" + word + "'" + suggestion(word, names));
    }
    return found->second;
  }

  const std::string& text_;
  const Symbols& symbols_;
  const std::string& user_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::int64_t evaluate(const std::string& expression, const Symbols& symbols, const std::string& user) {
  return Parser(expression, symbols, user).parse();
}

}  // namespace dixion
