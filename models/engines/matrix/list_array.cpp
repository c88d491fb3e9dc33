// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/list_array.h"

#include <algorithm>
#include <deque>

namespace dixion {
namespace {

constexpr std::size_t kBuffers = 2;  // queries in a group at a time

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// A word that waits at a bank, and the buffers it is for.
struct Request {
  std::uint32_t word = 0;
  std::vector<std::uint16_t> receivers;
};

/// Requests that wait at one bank, oldest first.
class Fifo {
 public:
  explicit Fifo(unsigned depth) : slots_(depth) {}
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return count_ == slots_.size(); }
  [[nodiscard]] Request& front() { return slots_[head_]; }
  void pop() {
    head_ = head_ + 1 == slots_.size() ? 0 : head_ + 1;
    --count_;
  }
  Request& push(std::uint32_t word) {
    const std::size_t at = head_ + count_++;
    Request& request = slots_[at >= slots_.size() ? at - slots_.size() : at];
    request.word = word;
    request.receivers.clear();
    return request;
  }

 private:
  std::vector<Request> slots_;
  std::size_t head_ = 0, count_ = 0;
};

class Machine {
 public:
  Machine(const ListArray& array, const ListTile& tile)
      : array_(array),
        tile_(tile),
        fifos_(array.banks, Fifo(array.fifo_depth)),
        groups_(array.groups),
        buffers_(array.groups * kBuffers),
        waiting_(2 * tile.key_banks.size(), nullptr),
        unfinished_(tile.queries.size()) {}

  ListRun run() {
    for (; unfinished_ > 0 || !elements_.empty(); ++run_.cycles) {
      take_elements();
      give();
      for (std::size_t i = 0; i < groups_.size(); ++i) ask((run_.cycles + i) % groups_.size());
    }
    return run_;
  }

 private:
  enum class State { kFree, kScores, kWeights, kValues };  // kScores lasts until the softmax is through

  struct Buffer {
    State state = State::kFree;
    const ListQuery* query = nullptr;
    std::size_t missing = 0;  // words asked for or to be asked for that have not come
  };

  struct Group {
    std::size_t buffer = 0, next = 0;  // what it asks for now, and the next word of that
    bool asking = false;
    unsigned taken = 0;  // words in this accel_cycle
  };

  /// Work of the vector engine: a query's exponentials, or its quotients.
  struct Elements {
    std::size_t buffer;
    std::uint64_t left;
    bool exponentials;
  };

  void take_elements() {
    for (std::uint64_t lanes = array_.softmax_lanes; lanes > 0 && !elements_.empty();) {
      Elements& first = elements_.front();
      const std::uint64_t part = std::min(lanes, first.left);
      lanes -= part;
      first.left -= part;
      if (first.left > 0) return;
      if (first.exponentials) buffers_[first.buffer].state = State::kWeights;
      elements_.pop_front();
    }
  }

  void give() {
    for (Group& group : groups_) group.taken = 0;
    for (std::size_t i = 0; i < fifos_.size(); ++i) {
      Fifo& fifo = fifos_[(run_.cycles + i) % fifos_.size()];
      if (fifo.empty()) continue;
      Request& request = fifo.front();
      const std::size_t before = request.receivers.size();
      std::erase_if(request.receivers, [this](std::uint16_t buffer) { return deliver(buffer); });
      if (request.receivers.size() < before) ++run_.reads;
      if (!request.receivers.empty()) continue;
      waiting_[request.word] = nullptr;
      fifo.pop();
    }
  }

  /// False if the buffer's group takes no more words in this accel_cycle.
  bool deliver(std::size_t number) {
    Group& group = groups_[number / kBuffers];
    if (group.taken == array_.words_per_cycle) return false;
    ++group.taken;
    ++run_.words;
    Buffer& buffer = buffers_[number];
    if (--buffer.missing > 0) return true;
    const bool scores = buffer.state == State::kScores;
    elements_.push_back({number, scores ? buffer.query->kept : tile_.depth, scores});
    if (!scores) {
      buffer.state = State::kFree;
      --unfinished_;
    }
    return true;
  }

  void ask(std::size_t number) {
    Group& group = groups_[number];
    for (unsigned asked = 0; asked < array_.words_per_cycle; ++asked) {
      if (!group.asking && !begin(number)) return;
      const Buffer& buffer = buffers_[group.buffer];
      const std::uint32_t word = buffer.query->words[group.next];
      if (!request(word, buffer.state == State::kValues, group.buffer)) {
        ++run_.stalls;
        return;
      }
      group.asking = ++group.next < buffer.query->words.size();
    }
  }

  /// Chooses what the group asks for next.
  bool begin(std::size_t number) {
    const std::size_t first = number * kBuffers;
    for (const State state : {State::kWeights, State::kFree}) {
      for (std::size_t i = first; i < first + kBuffers; ++i) {
        Buffer& buffer = buffers_[i];
        if (buffer.state != state) continue;
        if (state == State::kFree) {
          if (next_query_ == tile_.queries.size()) continue;
          buffer.query = &tile_.queries[next_query_++];
        }
        buffer.state = state == State::kFree ? State::kScores : State::kValues;
        buffer.missing = buffer.query->words.size();
        groups_[number] = {i, 0, true, groups_[number].taken};
        return true;
      }
    }
    for (std::size_t i = first; i < first + kBuffers; ++i) {
      if (buffers_[i].state == State::kScores) {
        ++run_.waits;
        break;
      }
    }
    return false;
  }

  bool request(std::uint32_t word, bool value, std::size_t buffer) {
    Fifo& fifo = fifos_[value ? tile_.value_banks[word] : tile_.key_banks[word]];
    const auto named = static_cast<std::uint32_t>(word + (value ? tile_.key_banks.size() : 0));
    Request*& waiting = waiting_[named];
    if (!array_.multicast || waiting == nullptr) {
      if (fifo.full()) return false;
      waiting = &fifo.push(named);
    }
    waiting->receivers.push_back(static_cast<std::uint16_t>(buffer));
    return true;
  }

  const ListArray& array_;
  const ListTile& tile_;
  std::vector<Fifo> fifos_;
  std::vector<Group> groups_;
  std::vector<Buffer> buffers_;
  std::vector<Request*> waiting_;  // per word of K, then of V: the latest request for it, or null
  std::deque<Elements> elements_;
  std::size_t next_query_ = 0, unfinished_;
  ListRun run_;
};

}  // namespace

ListRun run_lists(const ListArray& array, const ListTile& tile) { return Machine(array, tile).run(); }

ListBounds list_bounds(const ListArray& array, const ListTile& tile) {
  const std::uint64_t width = array.words_per_cycle, lanes = array.softmax_lanes;
  std::vector<std::uint64_t> asked(tile.key_banks.size(), 0);
  std::uint64_t words = 0, elements = 0, serial = 0;
  ListBounds bounds;
  for (const ListQuery& query : tile.queries) {
    for (const std::uint32_t word : query.words) ++asked[word];
    const std::uint64_t count = query.words.size();
    const std::uint64_t softmax = ceil_div(query.kept, lanes) + ceil_div(tile.depth, lanes);
    words += 2 * count;
    elements += query.kept + tile.depth;
    serial += 2 * count + softmax;
    bounds.lower = std::max(bounds.lower, 2 * ceil_div(count, width) + softmax);
  }
  if (words == 0) return {};
  std::vector<std::uint64_t> reads(array.banks, 0);
  for (std::size_t word = 0; word < asked.size(); ++word) {
    const std::uint64_t times = array.multicast ? std::min<std::uint64_t>(asked[word], 1) : asked[word];
    reads[tile.key_banks[word]] += times;
    reads[tile.value_banks[word]] += times;
  }
  bounds.lower = std::max({bounds.lower, *std::max_element(reads.begin(), reads.end()),
                           ceil_div(words, array.groups * width), ceil_div(elements, lanes)}) +
                 1;
  bounds.upper = 1 + serial;
  return bounds;
}

}  // namespace dixion
