// SPDX-License-Identifier: Apache-2.0
/// The device-tree reader on trees encoded here by the Devicetree Specification, chapter 5.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "firmware/lib/fdt.h"
}

namespace dixion::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

class Tree {
 public:
  Tree& begin(const std::string& name) {
    put(structure_, 1);
    append(name);
    return *this;
  }
  Tree& end() {
    put(structure_, 2);
    return *this;
  }
  Tree& nop() {
    put(structure_, 4);
    return *this;
  }
  Tree& text(const std::string& name, const std::string& value) {
    return property(name, Bytes(value.begin(), value.end()));
  }
  Tree& cells(const std::string& name, std::initializer_list<std::uint32_t> values) {
    Bytes bytes;
    for (const std::uint32_t value : values) put(bytes, value);
    return property(name, bytes);
  }
  [[nodiscard]] Bytes blob() const {
    Bytes structure = structure_;
    put(structure, 9);
    const auto structure_size = static_cast<std::uint32_t>(structure.size());
    const auto strings_size = static_cast<std::uint32_t>(strings_.size());
    Bytes blob;
    for (const std::uint32_t word : {0xd00dfeedu, 56 + structure_size + strings_size, 56u, 56 + structure_size, 40u,
                                     17u, 16u, 0u, strings_size, structure_size, 0u, 0u, 0u, 0u}) {
      put(blob, word);
    }
    blob.insert(blob.end(), structure.begin(), structure.end());
    blob.insert(blob.end(), strings_.begin(), strings_.end());
    return blob;
  }

 private:
  void append(const std::string& text) {
    structure_.insert(structure_.end(), text.begin(), text.end());
    do structure_.push_back(0);
    while (structure_.size() % 4 != 0);
  }
  Tree& property(const std::string& name, const Bytes& value) {
    put(structure_, 3);
    put(structure_, static_cast<std::uint32_t>(value.size()));
    put(structure_, static_cast<std::uint32_t>(strings_.size()));
    strings_.insert(strings_.end(), name.begin(), name.end());
    strings_.push_back(0);
    structure_.insert(structure_.end(), value.begin(), value.end());
    while (structure_.size() % 4 != 0) structure_.push_back(0);
    return *this;
  }

  Bytes structure_;
  Bytes strings_;
};

const std::string kTwo = std::string("vendor,other\0dixion,accelerator\0", 32);

Tree machine() {
  Tree tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {2});
  tree.begin("chosen").cells("dixion,image", {0, 0x88000000, 0, 0x1000}).end();
  tree.begin("memory@80000000").cells("reg", {0, 0x80000000, 1, 0}).end();
  tree.nop();
  tree.begin("soc").cells("#address-cells", {1}).cells("#size-cells", {1});
  tree.begin("npu@4000000")
      .text("compatible", kTwo)
      .cells("reg", {0x4000000, 0x10000, 0x7, 0x8})
      .cells("interrupts", {64, 65})
      .end();
  tree.end();
  tree.end();
  return tree;
}

struct DeviceTree : testing::Test {
  Bytes blob = machine().blob();
  fdt_t fdt{};
  fdt_node_t node{};
  std::uint64_t address = 0, size = 0;
  std::uint32_t interrupt = 0;
  void SetUp() override { ASSERT_EQ(fdt_init(&fdt, blob.data()), STATUS_OK); }
};

TEST_F(DeviceTree, FindsANodeByAnyOfItsCompatibleStrings) {
  EXPECT_EQ(fdt_find_compatible(&fdt, "dixion,accelerator", &node), STATUS_OK);
  EXPECT_EQ(fdt_find_compatible(&fdt, "vendor,other", &node), STATUS_OK);
  EXPECT_EQ(fdt_find_compatible(&fdt, "dixion", &node), STATUS_NOT_FOUND) << "a prefix is no match";
}

TEST_F(DeviceTree, ReadsRegWithTheCellsOfTheParent) {
  ASSERT_EQ(fdt_find_compatible(&fdt, "dixion,accelerator", &node), STATUS_OK);
  ASSERT_EQ(fdt_reg(&fdt, &node, 1, &address, &size), STATUS_OK);
  EXPECT_EQ(address, 7u);
  EXPECT_EQ(size, 8u);
  EXPECT_EQ(fdt_reg(&fdt, &node, 2, &address, &size), STATUS_NOT_FOUND);
  ASSERT_EQ(fdt_find_child(&fdt, "memory", &node), STATUS_OK);
  ASSERT_EQ(fdt_reg(&fdt, &node, 0, &address, &size), STATUS_OK);
  EXPECT_EQ(address, 0x80000000u);
  EXPECT_EQ(size, 0x1'0000'0000u);
}

TEST_F(DeviceTree, ListsInterruptsUntilThereIsNoneLeft) {
  ASSERT_EQ(fdt_find_compatible(&fdt, "dixion,accelerator", &node), STATUS_OK);
  ASSERT_EQ(fdt_interrupt(&fdt, &node, 1, &interrupt), STATUS_OK);
  EXPECT_EQ(interrupt, 65u);
  EXPECT_EQ(fdt_interrupt(&fdt, &node, 2, &interrupt), STATUS_NOT_FOUND);
}

TEST_F(DeviceTree, ChildrenOfTheRootAreFoundByNameAndOnlyThey) {
  EXPECT_EQ(fdt_find_child(&fdt, "chosen", &node), STATUS_OK);
  EXPECT_EQ(fdt_find_child(&fdt, "npu", &node), STATUS_NOT_FOUND);
  EXPECT_EQ(fdt_find_child(&fdt, "mem", &node), STATUS_NOT_FOUND);
}

TEST_F(DeviceTree, PropertyIsFoundInItsNodeAndNotInTheNext) {
  const std::uint8_t* value = nullptr;
  std::uint32_t length = 0;
  ASSERT_EQ(fdt_find_child(&fdt, "chosen", &node), STATUS_OK);
  ASSERT_EQ(fdt_property(&fdt, &node, "dixion,image", &value, &length), STATUS_OK);
  EXPECT_EQ(length, 16u);
  EXPECT_EQ(fdt_cells(value, 2), 0x88000000u);
  EXPECT_EQ(fdt_property(&fdt, &node, "reg", &value, &length), STATUS_NOT_FOUND);
}

TEST_F(DeviceTree, NoTreeAndDamagedTreesAreRefused) {
  EXPECT_EQ(fdt_init(&fdt, nullptr), STATUS_BAD_TREE);
  Bytes wrong_magic = blob;
  wrong_magic[0] = 0;
  EXPECT_EQ(fdt_init(&fdt, wrong_magic.data()), STATUS_BAD_TREE);
  Bytes long_structure = blob;
  long_structure[36] = 0x7f;
  EXPECT_EQ(fdt_init(&fdt, long_structure.data()), STATUS_BAD_TREE);
}

TEST_F(DeviceTree, EveryDamagedByteOfTheStructureIsSurvived) {
  for (std::size_t i = 56; i < blob.size(); ++i) {
    Bytes damaged = blob;
    damaged[i] ^= 0xff;
    ASSERT_EQ(fdt_init(&fdt, damaged.data()), STATUS_OK);
    if (fdt_find_compatible(&fdt, "nobody,is-this", &node) == STATUS_OK) ADD_FAILURE() << "found at " << i;
    if (fdt_find_compatible(&fdt, "dixion,accelerator", &node) == STATUS_OK) {
      (void)!fdt_reg(&fdt, &node, 0, &address, &size);
    }
  }
}

}  // namespace
}  // namespace dixion::test
