// SPDX-License-Identifier: Apache-2.0
// The ELF loader on files made here byte by byte, and on each kind of wrong file.
#include <cstring>
#include <filesystem>
#include <fstream>

#include <elf.h>
#include <gtest/gtest.h>

#include "host/elf_loader.h"
#include "models/common/check.h"

namespace dixion::host {
namespace {

constexpr char kNames[] = "\0main\0helper\0$x\0_start";

/// ELF64 RISC-V executable: one segment of 8 bytes in 16, four symbols.
struct TestElf {
  Elf64_Ehdr header{};
  Elf64_Phdr segment{};
  Elf64_Shdr sections[3]{};
  Elf64_Sym symbols[5]{};
  char names[sizeof kNames];
  std::uint8_t code[8] = {1, 2, 3, 4, 5, 6, 7, 8};

  TestElf() {
    std::memcpy(names, kNames, sizeof kNames);
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x8000'0000;
    header.e_phoff = offsetof(TestElf, segment);
    header.e_shoff = offsetof(TestElf, sections);
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof segment;
    header.e_phnum = 1;
    header.e_shentsize = sizeof sections[0];
    header.e_shnum = 3;
    segment = {PT_LOAD, PF_R | PF_X, offsetof(TestElf, code), 0x8000'0000, 0x8000'1000, sizeof code, 16, 1};
    sections[1].sh_type = SHT_SYMTAB;
    sections[1].sh_offset = offsetof(TestElf, symbols);
    sections[1].sh_size = sizeof symbols;
    sections[1].sh_entsize = sizeof symbols[0];
    sections[1].sh_link = 2;
    sections[2].sh_type = SHT_STRTAB;
    sections[2].sh_offset = offsetof(TestElf, names);
    sections[2].sh_size = sizeof names;
    symbols[1] = {1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, 0x8000'0100, 0x20};
    symbols[2] = {6, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 1, 0x8000'0120, 0x10};
    symbols[3] = {13, ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE), 0, 1, 0x8000'0110, 0};
    symbols[4] = {16, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 1, 0x8000'0000, 0};
  }
};

class ElfLoader : public testing::Test {
 protected:
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               (std::string("dixion_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  ~ElfLoader() override { std::filesystem::remove(path); }
  void write(const TestElf& elf, std::size_t bytes = sizeof(TestElf)) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(&elf), static_cast<std::streamsize>(bytes));
  }
  std::string error() {
    try {
      load_elf(path);
    } catch (const ConfigError& failure) {
      return failure.what();
    }
    return "loaded";
  }
};

TEST_F(ElfLoader, ReadsSegmentsEntryAndFunctions) {
  write(TestElf{});
  const ElfImage image = load_elf(path);
  EXPECT_EQ(image.entry, 0x8000'0000U);
  ASSERT_EQ(image.segments.size(), 1U);
  EXPECT_EQ(image.segments[0].address, 0x8000'1000U) << "the physical address";
  EXPECT_EQ(image.segments[0].bytes, (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(image.segments[0].memory_size, 16U);
  EXPECT_EQ(image.function_at(0x8000'0100), "main");
  EXPECT_EQ(image.function_at(0x8000'011C), "main+0x1c") << "a mapping symbol in between is no function";
  EXPECT_EQ(image.function_at(0x8000'0120), "helper");
  EXPECT_EQ(image.function_at(0x8000'0130), "") << "behind the last function";
  EXPECT_EQ(image.function_at(0x8000'0010), "_start+0x10") << "a label reaches to the next symbol";
  EXPECT_EQ(image.function_at(0x7FFF'FFFF), "");
}

TEST_F(ElfLoader, NamesAFileThatDoesNotExist) {
  EXPECT_EQ(error(), path.string() + ": cannot be opened: No such file or directory");
}

TEST_F(ElfLoader, RefusesWhatIsNoElfFile) {
  std::ofstream(path) << "#!/bin/sh\n";
  EXPECT_EQ(error(), path.string() + ": is not an ELF file; expected an ELF64 RISC-V executable");
  std::ofstream(path, std::ios::trunc) << "";
  EXPECT_EQ(error(), path.string() + ": is not an ELF file; expected an ELF64 RISC-V executable");
}

TEST_F(ElfLoader, RefusesADirectory) {
  std::filesystem::create_directory(path);
  EXPECT_EQ(error(), path.string() + ": is not an ELF file; expected an ELF64 RISC-V executable");
}

TEST_F(ElfLoader, RefusesAnotherMachine) {
  TestElf elf;
  elf.header.e_machine = EM_X86_64;
  write(elf);
  EXPECT_EQ(error(), path.string() + ": is built for machine 62; expected an ELF64 RISC-V executable");
}

TEST_F(ElfLoader, RefusesAnObjectFile) {
  TestElf elf;
  elf.header.e_type = ET_REL;
  write(elf);
  EXPECT_EQ(error(), path.string() + ": is not linked as an executable; expected an ELF64 RISC-V executable");
}

TEST_F(ElfLoader, RefusesAFileCutOff) {
  write(TestElf{}, offsetof(TestElf, code) + 7);
  EXPECT_EQ(error(),
            path.string() + ": is damaged: segment 0 does not lie in the file; expected an ELF64 RISC-V executable");
  write(TestElf{}, offsetof(TestElf, segment) + 10);
  EXPECT_NE(error(), "loaded");
}

TEST_F(ElfLoader, RefusesSizesThatOverflow) {
  TestElf elf;
  elf.segment.p_offset = ~0ULL;
  write(elf);
  EXPECT_NE(error(), "loaded");
  elf = TestElf{};
  elf.segment.p_memsz = 4;
  write(elf);
  EXPECT_NE(error(), "loaded") << "less memory than bytes in the file";
}

}  // namespace
}  // namespace dixion::host
