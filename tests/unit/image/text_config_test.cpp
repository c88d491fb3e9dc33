// SPDX-License-Identifier: Apache-2.0
#include "traces/proto/text_config.h"

#include <filesystem>

#include "tests/support/tiny_workload.h"
#include "tests/unit/image/expect_config_error.h"
#include "traces/proto/workload.pb.h"

namespace dixion {
namespace {

using test::expect_config_error;
using testing::ElementsAre;
using testing::IsEmpty;
using workload::Workload;

Workload parsed(const std::string& text) {
  Workload workload;
  parse_text(text, "w.textproto", workload);
  return workload;
}

void override_with(Workload& workload, const std::string& path, const std::string& value) {
  apply_override(workload, path, value, "workload");
}

TEST(TextConfig, UnknownKeyNamesPlaceAndNearestKey) {
  expect_config_error([] { parsed("name: \"a\"\n  stepz: 3\n"); },
                      {"w.textproto:2:", "unknown key 'stepz'", "'steps'"});
  expect_config_error([] { parsed("sampler { clipp: 3 }"); }, {"w.textproto:1:", "unknown key 'clipp'", "'clip'"});
}

TEST(TextConfig, UnknownValueOfAnEnumerationNamesTheNearest) {
  expect_config_error([] { parsed("sections {\n phase: EACH_STEPP }"); },
                      {"w.textproto:2:", "'EACH_STEPP'", "'EACH_STEP'"});
}

TEST(TextConfig, BadSyntaxNamesPlace) {
  expect_config_error([] { parsed("\n\nsteps = 3"); }, {"w.textproto:3:"});
}

TEST(TextConfig, ValueOutOfTheTypesRangeIsRefused) {
  EXPECT_EQ(parsed("steps: 4294967295").steps(), 4294967295U);
  expect_config_error([] { parsed("steps: 4294967296"); }, {"w.textproto:1:"});
}

TEST(TextConfig, CommentsAreAllowedAndFilesAreReadOverWhatIsThere) {
  Workload workload = parsed("steps: 3 seed: 9");
  parse_text("# fewer\nsteps: 2", "second", workload);
  EXPECT_EQ(workload.steps(), 2U);
  EXPECT_EQ(workload.seed(), 9U);
}

TEST(TextConfig, JsonIsAcceptedByItsSuffix) {
  const std::filesystem::path file = test::scratch_folder() / "text_config_test.json";
  test::write_text(file, R"({"steps": 7, "sampler": {"clip": 1.5}})");
  Workload workload;
  parse_text_file(file, workload);
  EXPECT_EQ(workload.steps(), 7U);
  EXPECT_EQ(workload.sampler().clip(), 1.5);
  test::write_text(file, R"({"stepz": 7})");
  expect_config_error([&] { parse_text_file(file, workload); }, {file.string(), "stepz"});
}

TEST(TextConfig, MissingFileAndFolderAreNamed) {
  Workload workload;
  expect_config_error([&] { parse_text_file("/nowhere/x.textproto", workload); },
                      {"/nowhere/x.textproto", "No such file"});
  expect_config_error([&] { parse_text_file("/tmp", workload); }, {"/tmp", "directory"});
}

TEST(TextConfig, PrintedTextReadsBack) {
  const Workload workload = parsed("name: \"x\" steps: 3 sampler { clip: 1.25 } sections { phase: ONCE }");
  EXPECT_EQ(parsed(print_text(workload)).SerializeAsString(), workload.SerializeAsString());
}

TEST(Override, SetsScalarsStringsNestedKeysAndListEntries) {
  Workload workload = parsed("steps: 3 tensors { name: \"t\" } sections { operators { name: \"o\" } }");
  override_with(workload, "steps", "20");
  override_with(workload, "classes", "3,7,A");
  override_with(workload, "guidance", "2.5");
  override_with(workload, "sampler.prediction", "CLEAN");
  override_with(workload, "sections[0].operators[0].split", "HEADS");
  override_with(workload, "conditioning.class_names", "x,y");
  override_with(workload, "tensors[0].guided", "true");
  EXPECT_EQ(workload.steps(), 20U);
  EXPECT_EQ(workload.classes(), "3,7,A");
  EXPECT_EQ(workload.guidance(), 2.5);
  EXPECT_EQ(workload.sampler().prediction(), workload::Sampler::CLEAN);
  EXPECT_EQ(workload.sections(0).operators(0).split(), workload::HEADS);
  EXPECT_THAT(workload.conditioning().class_names(), ElementsAre("x", "y"));
  EXPECT_TRUE(workload.tensors(0).guided());
}

TEST(Override, StringsKeepQuotesAndBackslashes) {
  Workload workload;
  override_with(workload, "name", "a\"b\\c");
  EXPECT_EQ(workload.name(), "a\"b\\c");
}

TEST(Override, MistakesNameTheKey) {
  Workload workload = parsed("tensors { name: \"t\" }");
  const auto expect = [&](const std::string& path, const std::string& value, const std::vector<std::string>& parts) {
    expect_config_error([&] { override_with(workload, path, value); }, parts);
  };
  expect("stepz", "1", {"workload.stepz", "unknown key 'stepz'", "'steps'"});
  expect("sampler.clap", "1", {"workload.sampler.clap", "unknown key 'clap'", "'clip'"});
  expect("steps", "many", {"workload.steps", "'many'"});
  expect("steps", "-1", {"workload.steps", "'-1'"});
  expect("steps", "", {"workload.steps"});
  expect("sampler.prediction", "CLEEN", {"workload.sampler.prediction", "'CLEAN'"});
  expect("steps.x", "1", {"workload.steps.x", "no keys below"});
  expect("sampler", "1", {"workload.sampler", "holds keys"});
  expect("tensors.name", "1", {"is a list", "tensors[0]"});
  expect("tensors[1].name", "1", {"only 1 entries"});
  expect("tensors[x].name", "1", {"number in brackets"});
  expect("tensors[.name", "1", {"number in brackets"});
  expect("steps[0]", "1", {"is no list"});
  expect("", "1", {"unknown key"});
}

TEST(NearestNames, AreThoseOfLeastDistanceAndNothingWhenNothingIsAlike) {
  const std::vector<std::string> known = {"exion4", "exion24", "disc", "dixion"};
  EXPECT_THAT(nearest_names("exion5", known), ElementsAre("exion4", "exion24"));
  EXPECT_THAT(nearest_names("DISC", known), ElementsAre("disc"));
  EXPECT_THAT(nearest_names("zzzzzz", known), IsEmpty());
  EXPECT_EQ(suggestion("exion5", known), "; did you mean 'exion4' or 'exion24'?");
  EXPECT_EQ(suggestion("zzzzzz", known), "; known: exion4, exion24, disc, dixion");
}

}  // namespace
}  // namespace dixion
