// SPDX-License-Identifier: Apache-2.0
#include "host/elf_loader.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <sstream>

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include "models/common/check.h"

namespace dixion::host {
namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw ConfigError(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct CloseElf {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, CloseElf>;

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw ConfigError(path, what + "; expected an ELF64 RISC-V executable");
}

GElf_Ehdr read_header(const std::string& path, Elf* elf) {
  GElf_Ehdr header;
  if (elf == nullptr || elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == nullptr) {
    refuse(path, "is not an ELF file");
  }
  if (header.e_machine != EM_RISCV) refuse(path, "is built for machine " + std::to_string(header.e_machine));
  if (gelf_getclass(elf) != ELFCLASS64) refuse(path, "is a 32-bit ELF file");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) refuse(path, "is big-endian");
  if (header.e_type != ET_EXEC) refuse(path, "is not linked as an executable");
  return header;
}

std::vector<ElfSegment> read_segments(const std::string& path, Elf* elf) {
  std::size_t count = 0;
  std::size_t file_size = 0;
  const char* const file = elf_rawfile(elf, &file_size);
  if (file == nullptr || elf_getphdrnum(elf, &count) != 0) refuse(path, "is damaged: no program headers");
  std::vector<ElfSegment> segments;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(i), &header) == nullptr) refuse(path, "is damaged: program header");
    if (header.p_type != PT_LOAD || header.p_memsz == 0) continue;
    const bool inside = header.p_offset <= file_size && header.p_filesz <= file_size - header.p_offset;
    if (!inside || header.p_filesz > header.p_memsz) {
      refuse(path, "is damaged: segment " + std::to_string(i) + " does not lie in the file");
    }
    ElfSegment segment;
    segment.address = header.p_paddr;
    segment.bytes.assign(file + header.p_offset, file + header.p_offset + header.p_filesz);
    segment.memory_size = header.p_memsz;
    segments.push_back(std::move(segment));
  }
  if (segments.empty()) refuse(path, "has no segment to load");
  return segments;
}

std::vector<ElfImage::Function> read_functions(Elf* elf) {
  std::vector<ElfImage::Function> functions;
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr; section = elf_nextscn(elf, section)) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
    Elf_Data* const data = elf_getdata(section, nullptr);
    for (std::size_t i = 0; data != nullptr && i < header.sh_size / header.sh_entsize; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
      const int type = GELF_ST_TYPE(symbol.st_info);
      const bool code = type == STT_FUNC || (type == STT_NOTYPE && GELF_ST_BIND(symbol.st_info) == STB_GLOBAL);
      const char* const name = elf_strptr(elf, header.sh_link, symbol.st_name);
      // Mapping symbols ($x, $d) and absolute constants of linker scripts name no code.
      if (!code || name == nullptr || *name == '\0' || *name == '$' || symbol.st_shndx >= SHN_LORESERVE ||
          symbol.st_shndx == SHN_UNDEF) {
        continue;
      }
      functions.push_back({symbol.st_value, symbol.st_size, name});
    }
  }
  std::sort(functions.begin(), functions.end(), [](const ElfImage::Function& a, const ElfImage::Function& b) {
    return a.address != b.address ? a.address < b.address : a.name < b.name;
  });
  return functions;
}

}  // namespace

ElfImage load_elf(const std::string& path) {
  elf_version(EV_CURRENT);
  const File file(path);
  const ElfHandle elf(elf_begin(file.descriptor(), ELF_C_READ, nullptr));
  ElfImage image;
  image.entry = read_header(path, elf.get()).e_entry;
  image.segments = read_segments(path, elf.get());
  image.functions = read_functions(elf.get());
  return image;
}

std::string ElfImage::function_at(std::uint64_t pc) const {
  const auto after = std::upper_bound(functions.begin(), functions.end(), pc,
                                      [](std::uint64_t value, const Function& f) { return value < f.address; });
  if (after == functions.begin()) return "";
  const Function& function = *(after - 1);
  const std::uint64_t offset = pc - function.address;
  if (function.size != 0 ? offset >= function.size : after == functions.end()) return "";
  if (offset == 0) return function.name;
  std::ostringstream text;
  text << function.name << "+0x" << std::hex << offset;
  return text.str();
}

}  // namespace dixion::host
