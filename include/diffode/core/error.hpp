// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// What kind of argument was wrong.
enum class errc { bad_schedule, bad_grid, bad_method, bad_model, bad_noise, bad_shape, bad_call, bad_file, bad_device };

/// A refusal: which argument, its value, and what is allowed, in one line.
class error : public std::exception {
 public:
  error(errc code, std::string_view what) : code_(code) {
    for (const char letter : what) what_.push_back(letter);
    what_.push_back('\0');
  }
  errc code() const noexcept { return code_; }
  const char* what() const noexcept override { return what_.data(); }

 private:
  errc code_;
  std::vector<char> what_;  // <string> would cost every header a tenth of a second
};

/// Nothing, or the reason for a refusal. Every check in diffode returns one; none of them throws.
using fault = std::optional<error>;

/// Throws `e`. Without exceptions (-fno-exceptions) it prints the message to stderr and aborts: programs built
/// that way use the `try_` form of each builder, which never comes here.
[[noreturn]] inline void raise(const error& e) {
#if defined(__cpp_exceptions)
  throw e;
#else
  std::fprintf(stderr, "diffode: %s\n", e.what());
  std::abort();
#endif
}

/// Throws the reason, if there is one.
inline void raise(const fault& f) {
  if (f) raise(*f);
}

/// A value or the reason why there is none. `try_x(...)` returns it, `x(...)` is `try_x(...).value()`.
template <class T>
class [[nodiscard]] result {
 public:
  // Its own storage and not std::optional, which takes compilers four times as long to read, for each T anew.
  result(T value) { ::new (static_cast<void*>(&value_)) T(std::move(value)); }
  result(error e) : fault_(std::move(e)) {}
  result(const result& other) : fault_(other.fault_) {
    if (!fault_) ::new (static_cast<void*>(&value_)) T(other.value_);
  }
  result(result&& other) noexcept : fault_(std::move(other.fault_)) {
    if (!fault_) ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
  }
  result& operator=(result other) noexcept {
    this->~result();
    return *::new (static_cast<void*>(this)) result(std::move(other));
  }
  ~result() {
    if (!fault_) value_.~T();
  }

  explicit operator bool() const noexcept { return !fault_; }
  /// The value. Errors: raises the reason when there is none.
  T& value() & { return raise(fault_), value_; }
  const T& value() const& { return raise(fault_), value_; }
  T value() && { return raise(fault_), std::move(value_); }  // a reference would dangle in for (x : try_f().value())
  /// The reason, or nothing.
  const fault& reason() const noexcept { return fault_; }

 private:
  fault fault_;
  union {
    T value_;  ///< alive if there is no reason
  };
};

namespace detail {

/// A line of text that grows at its end.
class line {
 public:
  // Letter by letter: a range insert takes a compiler ten times as long to read as this takes to run.
  void append(std::string_view text) {
    for (const char letter : text) letters_.push_back(letter);
  }
  operator std::string_view() const { return {letters_.data(), letters_.size()}; }
  bool empty() const { return letters_.empty(); }
  friend bool operator==(const line& a, std::string_view b) { return std::string_view(a) == b; }

 private:
  std::vector<char> letters_;
};

inline void append(line& to, std::string_view text) { to.append(text); }
inline void append(line& to, char letter) { to.append({&letter, 1}); }

// A template, or string literals would prefer it to the one for text.
template <std::same_as<bool> B>
void append(line& to, B claim) {
  to.append(claim ? "true" : "false");
}

template <std::integral N>
  requires(!std::same_as<N, bool> && !std::same_as<N, char>)
void append(line& to, N number) {
  if constexpr (std::signed_integral<N>)
    if (number < 0) to.append("-");
  char digits[24];
  std::size_t first = sizeof digits;
  do {
    const int digit = static_cast<int>(number % 10);
    digits[--first] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
    number = static_cast<N>(number / 10);
  } while (number != 0);
  to.append({digits + first, sizeof digits - first});
}

// With printf, since <charconv> takes a compiler longer to read than many a method.
template <std::floating_point N>
void append(line& to, N number) {
  char text[40] = {};
  const double value = static_cast<double>(number);
  const bool whole = value > -1e15 && value < 1e15 && value == static_cast<double>(static_cast<long long>(value));
  int digits = whole ? 15 : 1;
  do std::snprintf(text, sizeof text, "%.*g", digits, value);
  while (++digits <= 17 && number == number && static_cast<N>(std::strtod(text, nullptr)) != number);
  for (char& letter : text) letter = letter == ',' ? '.' : letter;  // the point of the user's locale
  to.append(text);
}

/// One line of text from strings and numbers; numbers in the shortest form that reads back to the same value.
/// By value, so that literals of all lengths share one instantiation: compilers read a hundred messages faster so.
template <class... Parts>
line text(Parts... parts) {
  line all;
  (append(all, parts), ...);
  return all;
}

template <class... Parts>
error refuse(errc code, Parts... parts) {
  line all;
  (append(all, parts), ...);
  return error(code, all);
}

}  // namespace detail

}  // namespace diffode
