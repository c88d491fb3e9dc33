// SPDX-License-Identifier: Apache-2.0
#include "platform/mask_file.h"

#include <cctype>
#include <fstream>
#include <iterator>
#include <vector>

#include "models/abi/tag.h"
#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "models/sparsity/condense.h"
#include "traces/masks/mask_recording.h"

namespace dixion {

namespace {

/// Takes a bitmap apart from the front.
class Reader {
 public:
  Reader(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  [[noreturn]] void fail(const std::string& what) const { throw ConfigError("mask", name_ + ": " + what); }

  bool ended() {
    skip_space();
    return at_ == bytes_.size();
  }

  std::size_t number(const char* what) {
    skip_space();
    std::size_t value = 0;
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && std::isdigit(static_cast<unsigned char>(bytes_[at_])) != 0 &&
           value <= kMaxMaskColumns) {
      value = value * 10 + static_cast<std::size_t>(bytes_[at_++] - '0');
    }
    if (at_ == begin) fail(std::string("no ") + what);
    if (value < 1 || value > kMaxMaskColumns)
      fail(std::string(what) + " is not from 1 to " + std::to_string(kMaxMaskColumns));
    return value;
  }

  bool text_bit(std::size_t row) {
    skip_space();
    if (at_ == bytes_.size()) fail("ends in row " + std::to_string(row));
    const char character = bytes_[at_++];
    if (character != '0' && character != '1')
      fail("row " + std::to_string(row) + " has a character other than 0 and 1");
    return character == '1';
  }

  /// The single white space between head and bits of P4.
  void one_space() {
    if (at_ == bytes_.size() || std::isspace(static_cast<unsigned char>(bytes_[at_])) == 0)
      fail("no white space after the height");
    ++at_;
  }

  std::string take(std::size_t count) {
    if (bytes_.size() - at_ < count) {
      fail("has " + std::to_string(bytes_.size() - at_) + " bytes of bits, the size asks for " + std::to_string(count));
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  void skip_magic() { at_ = 2; }

 private:
  void skip_space() {
    while (at_ < bytes_.size()) {
      if (bytes_[at_] == '#') {
        while (at_ < bytes_.size() && bytes_[at_] != '\n') ++at_;
      } else if (std::isspace(static_cast<unsigned char>(bytes_[at_])) != 0) {
        ++at_;
      } else {
        return;
      }
    }
  }

  const std::string& bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
};

bool is_mask_recording(const std::string& path) {
  char head[7] = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(head, sizeof head) && std::string(head, sizeof head) == "DIXMASK";
}

}  // namespace

BitMask parse_mask(const std::string& bytes, const std::string& name) {
  Reader reader(bytes, name);
  const bool text = bytes.starts_with("P1");
  if (!text && !bytes.starts_with("P4")) reader.fail("not a portable bitmap (PBM): it must begin with P1 or P4");
  reader.skip_magic();
  const std::size_t columns = reader.number("width");
  const std::size_t rows = reader.number("height");
  BitMask mask(rows, columns);
  if (text) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) mask.set(row, column, reader.text_bit(row));
    }
    if (!reader.ended()) reader.fail("goes on after the last row");
    return mask;
  }
  reader.one_space();
  const std::size_t row_bytes = (columns + 7) / 8;
  const std::string bits = reader.take(rows * row_bytes);
  if (reader.left() != 0) reader.fail("goes on after the last row");
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const auto byte = static_cast<unsigned char>(bits[row * row_bytes + column / 8]);
      mask.set(row, column, (byte >> (7 - column % 8) & 1) != 0);
    }
  }
  return mask;
}

BitMask read_recorded_mask(const std::string& path, const MaskChoice& choice) {
  const MaskRecording recording(path);
  const MaskRecording::Entry* chosen = nullptr;
  const auto place = [](const MaskRequest& request) {
    return "step " + std::to_string(dixion_tag_step(request.tag)) + ", layer " +
           std::to_string(dixion_tag_layer(request.tag)) + ", operator " +
           std::to_string(dixion_tag_operator(request.tag)) + ", operand " + std::to_string(request.operand) +
           ", ordinal " + std::to_string(request.ordinal);
  };
  for (const MaskRecording::Entry& entry : recording.entries()) {
    const MaskRequest& request = entry.request;
    const auto is = [](const std::optional<std::uint32_t>& wanted, std::uint32_t value) {
      return wanted.value_or(value) == value;
    };
    if (!is(choice.step, dixion_tag_step(request.tag)) || !is(choice.layer, dixion_tag_layer(request.tag)) ||
        !is(choice.operator_number, dixion_tag_operator(request.tag)) || !is(choice.operand, request.operand) ||
        !is(choice.ordinal, request.ordinal)) {
      continue;
    }
    if (chosen != nullptr) {
      throw ConfigError(path, "has masks of " + place(chosen->request) + " and of " + place(entry.request) +
                                  "; choose with --step, --layer, --operator, --operand, --ordinal");
    }
    chosen = &entry;
  }
  if (chosen == nullptr) {
    throw ConfigError(path, recording.entries().empty()
                                ? "holds no mask"
                                : "holds no such mask; the first one is of " + place(recording.entries()[0].request));
  }
  const MaskRequest& request = chosen->request;
  if (choice.group >= request.groups) {
    throw ConfigError("--group", "is " + std::to_string(choice.group) + "; the mask has " +
                                     std::to_string(request.groups) + " groups");
  }
  if (request.columns > kMaxMaskColumns) throw ConfigError(path, "has more columns than a schedule can name");
  const std::vector<std::uint32_t> words = recording.bits(*chosen);
  const std::size_t row_words = mask_words(request.columns);
  BitMask mask(request.rows, request.columns);
  for (std::size_t row = 0; row < request.rows; ++row) {
    const std::uint32_t* bits = words.data() + (choice.group * request.rows + row) * row_words;
    for_each_kept(bits, request.columns, [&](std::size_t column) { mask.set(row, column); });
  }
  return mask;
}

BitMask read_mask_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError("mask", path + ": cannot be opened");
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw ConfigError("mask", path + ": cannot be read");
  return parse_mask(bytes, path);
}

BitMask read_mask(const std::string& path, const MaskChoice& choice) {
  if (is_mask_recording(path)) return read_recorded_mask(path, choice);
  if (choice.step || choice.layer || choice.operator_number || choice.operand || choice.ordinal || choice.group != 0) {
    throw ConfigError(path,
                      "is no recording: --step, --layer, --operator, --operand, --ordinal, --group choose from one");
  }
  return read_mask_file(path);
}

}  // namespace dixion
