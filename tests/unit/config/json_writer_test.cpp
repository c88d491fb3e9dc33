// SPDX-License-Identifier: Apache-2.0
#include "platform/results/json_writer.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

namespace dixion {
namespace {

TEST(JsonWriter, AnotherParserReadsItBack) {
  JsonWriter json;
  json.begin_object();
  json.member("text", "quote \" backslash \\ line\nend");
  json.member("number", std::uint64_t{9'007'199'254'740'992});
  json.begin_array("list");
  json.element("a");
  json.element("b");
  json.end_array();
  json.begin_object("empty");
  json.end_object();
  json.end_object();

  google::protobuf::Struct parsed;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json.text(), &parsed).ok()) << json.text();
  EXPECT_EQ(parsed.fields().at("text").string_value(), "quote \" backslash \\ line\nend");
  EXPECT_EQ(parsed.fields().at("number").number_value(), 9'007'199'254'740'992.0);
  EXPECT_EQ(parsed.fields().at("list").list_value().values_size(), 2);
  EXPECT_TRUE(parsed.fields().at("empty").struct_value().fields().empty());
}

TEST(JsonWriter, ArraysOfObjectsAreSeparated) {
  JsonWriter json;
  json.begin_array();
  for (std::uint64_t i = 0; i < 2; ++i) {
    json.begin_object();
    json.member("i", i);
    json.end_object();
  }
  json.end_array();
  EXPECT_EQ(json.text(), "[\n  {\n    \"i\": 0\n  },\n  {\n    \"i\": 1\n  }\n]\n");
}

}  // namespace
}  // namespace dixion
