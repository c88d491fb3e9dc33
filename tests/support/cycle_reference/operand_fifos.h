// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/memory/bank_map.h"

namespace dixion::test {

/// What a unit of the array gets in a cycle from one side: the products' place in the whole sequence.
struct Token {
  bool valid = false;
  std::uint64_t tile = 0;
  std::uint64_t step = 0;
};

/// One operand side: the vectors of its tiles in banked memory, a queue per bank, a FIFO per vector lane.
class OperandFifos {
 public:
  struct Shape {
    std::uint64_t vectors, lanes, depth_bytes, step_bytes, word_bytes, region_words;
    std::uint64_t tiles, steps;  ///< of the sequence, of a tile
    std::uint64_t repeat;        ///< tiles of the sequence for which a tile of this side stays in use
    std::uint64_t read_ahead;    ///< steps
  };
  OperandFifos(const BankMap& map, const Shape& shape);

  /// Puts requests for all words that a lane may fetch into the queues of their banks. Lane n is n steps behind `step`,
  /// the number of steps the array has taken.
  void request(std::uint64_t step);
  /// Every bank answers its most urgent request.
  void serve();
  /// Whether all lanes have what they need for step number `step`.
  [[nodiscard]] bool ready(std::uint64_t step) const;
  /// Takes the operands of that step out of the FIFOs, one token per lane.
  void take(std::uint64_t step, std::vector<Token>& tokens);

 private:
  struct Entry {
    std::uint64_t due;   ///< step of the lane, counted over all tiles
    std::uint64_t last;  ///< last such step that uses it
    bool arrived = false;
  };
  struct Lane {
    std::uint64_t tile = 0, word = 0;  ///< next word to ask for
    std::uint64_t popped = 0;          ///< words that left the FIFO, ever
    std::deque<Entry> fifo;
  };
  struct Request {
    std::uint64_t urgency;  ///< step of the array
    std::size_t lane;
    std::uint64_t number;  ///< of the word in its lane, ever
  };

  [[nodiscard]] std::uint64_t row_words() const {
    return (shape_.depth_bytes + shape_.word_bytes - 1) / shape_.word_bytes;
  }

  const BankMap& map_;
  Shape shape_;
  std::vector<Lane> lanes_;
  std::vector<std::vector<Request>> queues_;
};

}  // namespace dixion::test
