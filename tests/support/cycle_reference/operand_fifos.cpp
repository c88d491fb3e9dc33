// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_reference/operand_fifos.h"

#include <algorithm>

namespace dixion::test {

OperandFifos::OperandFifos(const BankMap& map, const Shape& shape)
    : map_(map), shape_(shape), lanes_(shape.lanes), queues_(map.banks()) {}

void OperandFifos::request(std::uint64_t step) {
  const std::uint64_t tiles_of_side = (shape_.vectors + shape_.lanes - 1) / shape_.lanes;
  const std::uint64_t resident = std::max<std::uint64_t>(1, shape_.region_words / (shape_.lanes * row_words()));
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    while (lane.tile < shape_.tiles) {
      const std::uint64_t first_step = lane.word * shape_.word_bytes / shape_.step_bytes;
      const std::uint64_t due = lane.tile * shape_.steps + first_step;
      if (due + i > step + shape_.read_ahead) break;
      const std::uint64_t tile = lane.tile / shape_.repeat % tiles_of_side;
      if (tile * shape_.lanes + i < shape_.vectors) {
        const std::uint64_t end = (lane.word + 1) * shape_.word_bytes;  // byte of the vector
        const std::uint64_t last_step = std::min((end - 1) / shape_.step_bytes, shape_.steps - 1);
        const std::uint64_t address = (tile % resident * shape_.lanes + i) * row_words() + lane.word;
        queues_[map_.bank_of(address)].push_back({due + i, i, lane.popped + lane.fifo.size()});
        lane.fifo.push_back({due, lane.tile * shape_.steps + last_step, false});
      }
      if (++lane.word == row_words()) {
        lane.word = 0;
        ++lane.tile;
      }
    }
  }
}

void OperandFifos::serve() {
  for (std::vector<Request>& queue : queues_) {
    if (queue.empty()) continue;
    const auto first = std::min_element(queue.begin(), queue.end(), [](const Request& a, const Request& b) {
      return a.urgency != b.urgency ? a.urgency < b.urgency : a.lane < b.lane;
    });
    Lane& lane = lanes_[first->lane];
    lane.fifo[first->number - lane.popped].arrived = true;
    queue.erase(first);
  }
}

bool OperandFifos::ready(std::uint64_t step) const {
  for (std::size_t i = 0; i < lanes_.size() && i <= step; ++i) {
    for (const Entry& entry : lanes_[i].fifo) {
      if (entry.due > step - i) break;
      if (!entry.arrived) return false;
    }
  }
  return true;
}

void OperandFifos::take(std::uint64_t step, std::vector<Token>& tokens) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    tokens[i] = {};
    if (i > step || step - i >= shape_.tiles * shape_.steps) continue;
    Lane& lane = lanes_[i];
    while (!lane.fifo.empty() && lane.fifo.front().last <= step - i) {
      lane.fifo.pop_front();
      ++lane.popped;
    }
    tokens[i] = {true, (step - i) / shape_.steps, (step - i) % shape_.steps};
  }
}

}  // namespace dixion::test
