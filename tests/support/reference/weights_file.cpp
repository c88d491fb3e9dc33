// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/weights_file.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace dixion::reference {
namespace {

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename Stored, typename Value>
std::vector<Value> elements(const std::string& data, std::size_t begin, std::size_t end) {
  std::vector<Stored> stored((end - begin) / sizeof(Stored));
  std::memcpy(stored.data(), data.data() + begin, stored.size() * sizeof(Stored));
  return {stored.begin(), stored.end()};
}

}  // namespace

WeightsFile::WeightsFile(const std::filesystem::path& path) {
  const std::string file = read_whole(path);
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  const std::string header = file.substr(sizeof length, length);
  data_ = file.substr(sizeof length + length);
  const std::regex entry(R"re("([^"]+)":\{"dtype":"(\w+)","shape":\[([\d,]*)\],"data_offsets":\[(\d+),(\d+)\]\})re");
  for (std::sregex_iterator match(header.begin(), header.end(), entry), last; match != last; ++match) {
    Entry& tensor = entries_[(*match)[1]];
    tensor.type = (*match)[2];
    std::istringstream extents((*match)[3]);
    for (std::string extent; std::getline(extents, extent, ',');) tensor.shape.push_back(std::stoull(extent));
    tensor.begin = std::stoull((*match)[4]);
    tensor.end = std::stoull((*match)[5]);
  }
}

const WeightsFile::Entry& WeightsFile::find(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw std::runtime_error("no tensor " + name);
  return found->second;
}

std::vector<std::size_t> WeightsFile::shape(const std::string& name) const { return find(name).shape; }

std::vector<std::int32_t> WeightsFile::integers(const std::string& name) const {
  const Entry& tensor = find(name);
  if (tensor.type == "I8") return elements<std::int8_t, std::int32_t>(data_, tensor.begin, tensor.end);
  if (tensor.type == "I16") return elements<std::int16_t, std::int32_t>(data_, tensor.begin, tensor.end);
  if (tensor.type == "I32") return elements<std::int32_t, std::int32_t>(data_, tensor.begin, tensor.end);
  throw std::runtime_error(name + " holds no integers");
}

std::vector<double> WeightsFile::reals(const std::string& name) const {
  const Entry& tensor = find(name);
  if (tensor.type == "F32") return elements<float, double>(data_, tensor.begin, tensor.end);
  if (tensor.type == "F64") return elements<double, double>(data_, tensor.begin, tensor.end);
  throw std::runtime_error(name + " holds no reals");
}

std::map<std::string, double> read_numbers(const std::filesystem::path& path) {
  const std::string text = read_whole(path);
  const std::regex member(R"re("([^"]+)"\s*:\s*([-+.\deE]+))re");
  std::map<std::string, double> numbers;
  for (std::sregex_iterator match(text.begin(), text.end(), member), last; match != last; ++match) {
    numbers[(*match)[1]] = std::stod((*match)[2]);
  }
  return numbers;
}

}  // namespace dixion::reference
