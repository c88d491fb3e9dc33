// SPDX-License-Identifier: Apache-2.0
/// Graphs at random, in little memory: what the lists promise holds for every pair of commands and every byte.
#include <random>

#include "tests/unit/firmware/list_order.h"
#include "tests/unit/firmware/toy_machine.h"

namespace dixion::test {
namespace {

struct Access {
  std::uint64_t begin;
  std::uint64_t end;
  bool write;
};

struct RandomSchedule : ScheduleBench {
  static constexpr std::uint32_t kWithoutSt = 0x55, kWithSt = 0xaa;  // kinds of step
  std::mt19937 random{5};

  std::uint32_t pick(std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); }

  /// An operator with the given inputs and output; the opcode takes as many.
  void add(const std::vector<std::uint32_t>& in, std::uint32_t out, dixion_phase phase) {
    switch (in.size()) {
      case 0:
        return image.add(pick(2) == 0 ? DIXION_OPCODE_NOISE : DIXION_OPCODE_TIMESTAMP, {out}, phase);
      case 1:
        return image.add(pick(2) == 0 ? DIXION_OPCODE_DMA_COPY : DIXION_OPCODE_GELU, {in[0], out}, phase);
      case 2:
        return image.add(DIXION_OPCODE_ADD, {in[0], in[1], out}, phase);
      default:
        return image.add(DIXION_OPCODE_MATMUL, {in[0], in[1], in[2], in[pick(3)], out}, phase);
    }
  }

  /// Tensors of all kinds, views with and without gaps; operators read only what has been written in this step, or what
  /// lives longer than a step.
  void make_graph() {
    image = {};
    image.steps = 3;
    if (pick(2) == 0) image.st.first_steps = 1;
    capabilities.dma_channels = 1 + pick(8);
    capabilities.global_buffer_bytes = 256 * (1 + pick(64));
    std::vector<std::uint32_t> readable;  // in every step
    std::vector<std::uint32_t> scratch;
    readable.push_back(image.tensor(DIXION_LIFETIME_OUTPUT, 1 + pick(200)));
    readable.push_back(image.tensor(DIXION_LIFETIME_RUN, 1 + pick(200)));
    for (std::uint32_t i = 0; i < 12; ++i) {
      const std::uint32_t weight = image.tensor(DIXION_LIFETIME_DATA, 1 + pick(pick(2) == 0 ? 100 : 1500));
      image.tensors[weight].resident = 1;
      readable.push_back(weight);
    }
    for (std::uint32_t i = 0; i < 8; ++i) scratch.push_back(image.tensor(DIXION_LIFETIME_STEP, 1 + pick(600)));
    std::map<std::uint32_t, std::vector<std::uint32_t>> views;  // of each tensor
    for (std::uint32_t i = 0; i < 24; ++i) {
      const std::uint32_t parent = pick(static_cast<std::uint32_t>(readable.size() + scratch.size()));
      const std::uint64_t size = image.tensors[parent].size;
      const std::uint64_t offset = pick(static_cast<std::uint32_t>(size));
      const std::uint32_t length = 1 + pick(static_cast<std::uint32_t>(size - offset));
      const std::uint32_t view = image.view(parent, offset, length);
      if (pick(2) == 0 && length >= 8) image.split(view, 2, length / 2);
      views[parent].push_back(view);
    }
    const std::uint32_t from_before = pick(4) == 0 ? scratch.back() : DIXION_IMAGE_NONE;  // carried although STEP
    std::vector<std::uint32_t> written = readable;
    if (from_before != DIXION_IMAGE_NONE) written.push_back(from_before);
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto phase =
          static_cast<dixion_phase>(i < 3 ? DIXION_PHASE_ONCE : (i < 37 ? DIXION_PHASE_STEP : DIXION_PHASE_FINISH));
      if (i == 3 || i == 37) written = readable;
      if (i == 3 && from_before != DIXION_IMAGE_NONE) add({from_before}, readable[1], phase);
      const auto inputs = [&] {
        std::vector<std::uint32_t> chosen;
        for (std::uint32_t k = pick(4); k > 0; --k) {
          std::uint32_t tensor = written[pick(static_cast<std::uint32_t>(written.size()))];
          if (pick(3) == 0 && views.contains(tensor))
            tensor = views[tensor][pick(static_cast<std::uint32_t>(views[tensor].size()))];
          chosen.push_back(tensor);
        }
        return chosen;
      };
      const std::vector<std::uint32_t> in = inputs(), other_in = inputs();
      std::uint32_t out = pick(5) == 0 ? readable[pick(2)] : scratch[pick(8)];
      const bool known = std::find(written.begin(), written.end(), out) != written.end();
      if (!known) written.push_back(out);
      if (known && pick(3) == 0 && views.contains(out)) out = views[out].front();
      add(in, out, phase);
      if (phase != DIXION_PHASE_STEP || pick(3) != 0) continue;
      // It runs in some steps only; unless the content was there before, an alternative runs in the others.
      image.operators.back().step_kinds = kWithoutSt;
      if (known && pick(2) == 0) continue;
      add(other_in, out, phase);
      image.operators.back().step_kinds = kWithSt;
    }
  }

  /// What a command does to memory; spans of views include their gaps.
  std::vector<Access> accesses(const dixion_command_t& command) {
    std::vector<Access> result;
    if (command.opcode == DIXION_OPCODE_NOP) return result;
    const std::uint32_t number = dixion_tag_operator(command.tag);
    for (unsigned k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (command.operands[k] == 0) continue;
      const dixion_descriptor_t& entry = schedule.descriptors.entries[command.operands[k]];
      const std::uint64_t size =
          number == SCHEDULE_OPERATOR_LOAD ? entry.extent[0] : image.tensors[image.operators[number].operands[k]].size;
      result.push_back({entry.address, entry.address + size, k == output_operand(command.opcode)});
    }
    return result;
  }

  static bool conflict(const std::vector<Access>& first, const std::vector<Access>& second) {
    for (const Access& a : first) {
      for (const Access& b : second) {
        if ((a.write || b.write) && a.begin < b.end && b.begin < a.end) return true;
      }
    }
    return false;
  }
};

TEST_F(RandomSchedule, EveryTwoCommandsThatMeetInMemoryAreOrdered) {
  unsigned rings = 0;
  for (int graph = 0; graph < 100; ++graph) {
    make_graph();
    ASSERT_EQ(build(), STATUS_OK) << problem.what;
    rings += schedule.ring_bytes > 0 ? 1 : 0;
    for (std::uint32_t phase = 0; phase < SCHEDULE_LISTS; ++phase) {
      const ListOrder order(schedule.lists[phase]);
      std::vector<std::vector<Access>> all;
      for (const dixion_command_t& command : order.commands()) all.push_back(accesses(command));
      for (std::size_t later = 0; later < all.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
          if (conflict(all[earlier], all[later])) {
            ASSERT_TRUE(order.ordered(earlier, later))
                << "graph " << graph << ", list " << phase << ": " << earlier << ", " << later;
          }
        }
      }
    }
  }
  EXPECT_GT(rings, 20u);
  EXPECT_LT(rings, 100u);
}

TEST_F(RandomSchedule, OperatorsReadWhatTheyWouldWithMemoryOfTheirOwn) {
  std::uint64_t shared = 0;
  for (int graph = 0; graph < 80; ++graph) {
    make_graph();
    ASSERT_EQ(build(), STATUS_OK) << problem.what;
    for (std::uint64_t i = schedule.image->data_offset; i < schedule.image->size; ++i)
      arena.data()[i] = static_cast<std::uint8_t>(random());
    std::vector<std::uint32_t> expected = ToyReference(schedule.image).run();
    std::fill_n(arena.at(schedule.scratch_address), schedule.dram_bytes, std::uint8_t{0});
    ASSERT_EQ(ToyDevice(schedule, arena, capabilities.global_buffer_bytes).run(), expected) << "graph " << graph;
    shared += schedule.dram_bytes + schedule.activation_bytes < schedule.unshared_bytes ? 1 : 0;
  }
  EXPECT_GT(shared, 30u);
}

}  // namespace
}  // namespace dixion::test
