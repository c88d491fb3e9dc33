// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo.h"

#include <set>

#include <gtest/gtest.h>

namespace dixion::dram {
namespace {

using Words = std::vector<std::uint64_t>;

Words unpacked(std::span<const std::byte> packed) {
  Words words;
  unpack(packed, words);
  return words;
}

MemoNode* known(Memo& memo, const Words& words) {
  memo.node(words);
  return memo.node(words);
}

MemoEdge edge_to(MemoNode& node, Cycles cycles) {
  MemoEdge edge;
  edge.to = &node;
  edge.cycles = cycles;
  return edge;
}

TEST(Memo, WordsArePackedAndComeBack) {
  const Words words{0, 1, 0xff, 0x100, 0xff00'0000'0000'00ff, ~std::uint64_t{0}, 0x0000'1234'0056'0000, 0};
  std::vector<std::byte> packed;
  pack(words, packed);
  EXPECT_EQ(packed.size(), words.size() + 0 + 1 + 1 + 1 + 2 + 8 + 3 + 0)
      << "a mask per word, and its bytes that are not 0";
  EXPECT_EQ(unpacked(packed), words);
}

TEST(Memo, KeepsAStateThatIsSeenTheSecondTime) {
  Memo memo(1 << 20);
  const Words words{1, 2, 3, 4, 5};
  EXPECT_EQ(memo.node(words), nullptr);
  MemoNode* node = memo.node(words);
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(unpacked(node->packed()), words);
  EXPECT_EQ(memo.node(words), node);
}

TEST(Memo, TellsStatesApartByEveryWordAndTheirNumber) {
  Memo memo(64 << 20);
  std::set<const MemoNode*> nodes;
  const Words base(11, 7);
  nodes.insert(known(memo, base));
  for (std::size_t i = 0; i < base.size(); ++i) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      Words other = base;
      other[i] ^= std::uint64_t{1} << bit;
      nodes.insert(known(memo, other));
    }
  }
  nodes.insert(known(memo, Words(10, 7)));
  nodes.insert(known(memo, Words(12, 7)));
  EXPECT_EQ(nodes.size(), 1 + 11 * 64 + 2);
}

TEST(Memo, FindsAKeyBehindAnotherWhicheverFollowedLastTime) {
  Memo memo(1 << 20);
  MemoNode* before = memo.key(Words{1}, true, nullptr);
  MemoNode* first = memo.key(Words{2}, true, before);
  MemoNode* second = memo.key(Words{3}, true, before);
  ASSERT_NE(first, second);
  EXPECT_EQ(memo.key(Words{2}, true, before), first);
  EXPECT_EQ(memo.key(Words{2}, true, before), first) << "now the one that followed last";
  EXPECT_EQ(memo.key(Words{3}, true, nullptr), second);
  EXPECT_TRUE(first->packed().empty());
}

TEST(Memo, ForgetsWhatWasNotComeToAgain) {
  Memo memo(40'000);
  const Words used{1, 1};
  const Words also_used{1, 2};
  const Words unused{1, 3};
  const auto learn = [&](const Words& words, MemoNode& to) {
    MemoNode* node = known(memo, words);
    memo.add_plain(*node, edge_to(to, 77));
    for (unsigned i = 0; i < 2; ++i) memo.add_refreshing(*node, 5, 0, edge_to(to, 88));
  };
  MemoNode* to = known(memo, also_used);
  learn(used, *to);
  learn(unused, *to);
  const std::uint32_t generation = memo.generation();
  for (std::uint64_t i = 0; memo.generation() == generation; ++i) {
    for (const Words* words : {&used, &also_used}) memo.node(*words);
    known(memo, Words{2, i});
    memo.make_room();
    ASSERT_LT(i, 40'000U / sizeof(MemoNode)) << "it should be full by now";
  }

  const MemoNode* kept = memo.node(used);
  ASSERT_NE(kept, nullptr);
  ASSERT_NE(kept->plain, nullptr);
  EXPECT_EQ(kept->plain->cycles, 77U);
  EXPECT_EQ(unpacked(kept->plain->to->packed()), also_used);
  ASSERT_NE(memo.refreshing(*kept, 5, 0), nullptr);
  EXPECT_EQ(memo.refreshing(*kept, 5, 0)->cycles, 88U);
  EXPECT_EQ(memo.refreshing(*kept, 6, 0), nullptr);
  EXPECT_EQ(memo.refreshing(*kept, 5, 1), nullptr);
  const MemoNode* anew = memo.node(unused);
  ASSERT_NE(anew, nullptr) << "that it was seen before is still known";
  EXPECT_EQ(anew->plain, nullptr);
}

}  // namespace
}  // namespace dixion::dram
