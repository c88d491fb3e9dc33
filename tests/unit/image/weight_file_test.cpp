// SPDX-License-Identifier: Apache-2.0
#include "traces/image/weight_file.h"

#include "tests/support/tiny_workload.h"
#include "tests/unit/image/expect_config_error.h"

namespace dixion {
namespace {

using test::expect_config_error;
using test::safetensors;
using test::weight_tensor;

std::filesystem::path file_with(const std::string& content) {
  const auto path = test::scratch_folder() /
                    (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".safetensors");
  test::write_text(path, content);
  return path;
}

/// A file whose header is this JSON and which holds `bytes` bytes of data.
std::filesystem::path file_with_header(const std::string& json, std::size_t bytes) {
  std::string length(8, '\0');
  length[0] = static_cast<char>(json.size());
  return file_with(length + json + std::string(bytes, 'x'));
}

std::string two_tensors() {
  return safetensors({weight_tensor<std::int8_t>("w", "I8", {2, 3}, {1, -2, 3, -4, 5, -6}),
                      weight_tensor<float>("w_scale", "F32", {2}, {0.5F, 0.25F})});
}

TEST(WeightFile, ReadsShapesTypesAndValues) {
  const WeightFile file = WeightFile::read(file_with(two_tensors()));
  const StoredTensor& weight = file.at("w", "I8", "test");
  EXPECT_EQ(weight.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(weight.values<std::int8_t>(), (std::vector<std::int8_t>{1, -2, 3, -4, 5, -6}));
  EXPECT_EQ(file.at("w_scale", "F32", "test").values<float>(), (std::vector<float>{0.5F, 0.25F}));
  EXPECT_EQ(file.find("v"), nullptr);
}

TEST(WeightFile, MetadataIsNoTensor) {
  const WeightFile file = WeightFile::read(
      file_with_header(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1));
  EXPECT_EQ(file.find("__metadata__"), nullptr);
  EXPECT_EQ(file.at("a", "U8", "test").bytes.size(), 1U);
}

TEST(WeightFile, EveryTruncationIsFound) {
  const std::string content = two_tensors();
  for (std::size_t length = 0; length < content.size(); ++length) {
    EXPECT_THROW(WeightFile::read(file_with(content.substr(0, length))), ConfigError)
        << length << " of " << content.size();
  }
  EXPECT_NO_THROW(WeightFile::read(file_with(content)));
}

TEST(WeightFile, TruncatedDataNamesTheTensor) {
  const std::string content = two_tensors();
  expect_config_error([&] { WeightFile::read(file_with(content.substr(0, content.size() - 1))); },
                      {".safetensors", "'w_scale'", "ends at byte 14", "only 13", "truncated"});
}

TEST(WeightFile, CorruptHeadersAreRefused) {
  const auto refuse = [](const std::string& json, const std::string& reason) {
    expect_config_error([&] { WeightFile::read(file_with_header(json, 8)); }, {".safetensors", reason});
  };
  refuse("[]", "no valid JSON");
  refuse("{", "no valid JSON");
  refuse(R"({"a":3})", "is no object");
  refuse(R"({"a":{"dtype":"I9","shape":[1],"data_offsets":[0,1]}})", "unknown dtype 'I9'");
  refuse(R"({"a":{"dtype":"I8","data_offsets":[0,1]}})", "no list 'shape'");
  refuse(R"({"a":{"dtype":"I8","shape":[-1],"data_offsets":[0,1]}})", "whole numbers");
  refuse(R"({"a":{"dtype":"I8","shape":[1.5],"data_offsets":[0,1]}})", "whole numbers");
  refuse(R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[1,0]}})", "[begin, end]");
  refuse(R"({"a":{"dtype":"I16","shape":[3],"data_offsets":[0,4]}})", "takes 6 bytes, but has 4");
  refuse(R"({"a":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "but has 0");
}

TEST(WeightFile, UnknownNamesAndWrongTypesNameTheUserAndWhatThereIs) {
  const WeightFile file = WeightFile::read(file_with(two_tensors()));
  expect_config_error([&] { (void)file.at("w_scala", "F32", "operator 'o'"); },
                      {"operator 'o'", "'w_scala'", "'w_scale'"});
  expect_config_error([&] { (void)file.at("w", "F32", "operator 'o'"); },
                      {"operator 'o'", "I8 [2, 3]", "expected F32"});
}

TEST(Scales, ArePositiveNumbers) {
  EXPECT_EQ(read_scales(file_with(R"({"a": 0.5, "b": 2})")), (std::map<std::string, double>{{"a", 0.5}, {"b", 2}}));
  expect_config_error([] { read_scales(file_with(R"({"a": 0})")); }, {"'a'", "positive"});
  expect_config_error([] { read_scales(file_with(R"({"a": "1"})")); }, {"'a'", "positive"});
  expect_config_error([] { read_scales(file_with("{")); }, {"no valid JSON"});
}

}  // namespace
}  // namespace dixion
