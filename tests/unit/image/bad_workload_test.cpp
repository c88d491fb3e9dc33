// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "tests/support/tiny_workload.h"
#include "tests/unit/image/expect_config_error.h"
#include "traces/image/packer.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

using test::expect_config_error;
using test::weight_tensor;

/// The smallest complete workload: noise, one linear layer, a sampler step, a copy to the output.
constexpr const char* kGood = R"(
name: "small" weights: "w.safetensors" scales: "w.json" steps: 2
sampler { train_steps: 4 alpha_bar: "abar" time_codes: "codes" clip: 1.2 }
symbols { name: "width" value: "8" }
tensors { name: "latent" shape: ["samples", "width"] format: INT32 lifetime: RUN }
tensors { name: "narrow" shape: ["samples", "width"] format: INT12 scale_of: "narrow" }
tensors { name: "prediction" shape: ["samples", "width"] format: INT32 }
tensors { name: "constants" shape: "6" format: INT32 content: SAMPLER_CONSTANTS }
tensors { name: "image" shape: ["samples", "width"] format: INT32 lifetime: OUTPUT }
sections { phase: ONCE operators { name: "noise" type: "NOISE" dst: "latent" } }
sections { phase: EACH_STEP
  operators { name: "narrow" type: "CONVERT" src: "latent" dst: "narrow" }
  operators { name: "linear" type: "MATMUL" src: "narrow" linear: "linear" dst: "prediction" }
  operators { name: "sampler" type: "SAMPLER_UPDATE" x: "latent" cond: "prediction" constants: "constants" dst: "latent" }
}
sections { phase: FINISH operators { name: "copy" type: "DMA_COPY" src: "latent" dst: "image" } }
)";

class BadWorkload : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    write_weights({});
    test::write_text(folder_ / "w.json", R"({"narrow": 0.002})");
  }

  /// The good weights, with tensors of the same name replaced.
  void write_weights(const std::vector<test::WeightTensor>& replaced) const {
    std::vector<test::WeightTensor> tensors = {
        weight_tensor("linear.weight", "I8", {8, 8}, std::vector<std::int8_t>(64, 1)),
        weight_tensor("linear.weight_scale", "F32", {8}, std::vector<float>(8, 0.01F)),
        weight_tensor("linear.bias", "F32", {8}, std::vector<float>(8, 0.5F)),
        weight_tensor("abar", "F64", {4}, std::vector<double>{0.9, 0.7, 0.4, 0.1}),
        weight_tensor("codes", "I16", {4, 8}, std::vector<std::int16_t>(32, 100)),
        weight_tensor("table", "I32", {4, 8}, std::vector<std::int32_t>(32, 7))};
    for (const test::WeightTensor& other : replaced) {
      for (test::WeightTensor& tensor : tensors) {
        if (tensor.name == other.name) tensor = other;
      }
    }
    test::write_text(folder_ / "w.safetensors", test::safetensors(tensors));
  }

  PackedImage pack(const std::string& text) const {
    workload::Workload workload;
    parse_text(text, "small.textproto", workload);
    return pack_workload(workload, folder_);
  }

  /// kGood with `from` replaced by `to` must be refused with a message that holds all `parts`.
  void refuse(const std::string& from, const std::string& to, const std::vector<std::string>& parts) const {
    std::string text = kGood;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    SCOPED_TRACE(to);
    expect_config_error([&] { pack(text); }, parts);
  }

  const std::filesystem::path folder_ =
      test::scratch_folder() /
      ("bad_workload_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(BadWorkload, TheUnchangedOnePacks) { EXPECT_EQ(pack(kGood).operator_names.size(), 5U); }

TEST_F(BadWorkload, UnknownOperatorTypeNamesTheNearest) {
  refuse("\"MATMUL\"", "\"MATMULT\"", {"operator 'linear'", "unknown operator type 'MATMULT'", "'MATMUL'"});
  refuse("\"NOISE\"", "\"CALL\"", {"unknown operator type 'CALL'"});
}

TEST_F(BadWorkload, UndefinedTensorNamesTheNearest) {
  refuse("src: \"narrow\"", "src: \"narow\"", {"operator 'linear'", "undefined tensor 'narow'", "'narrow'"});
}

TEST_F(BadWorkload, OperandsMustBelongToTheOperatorAndBeComplete) {
  refuse("src: \"narrow\"", "src: \"narrow\" gate: \"latent\"", {"'linear'", "MATMUL has no operand 'gate'", "src"});
  refuse("src: \"narrow\" ", "", {"'linear'", "MATMUL needs operand 'src'"});
  refuse("linear: \"linear\" ", "", {"'linear'", "MATMUL needs operand 'weight'"});
  refuse("linear: \"linear\"", "linear: \"linear\" weight: \"narrow\"", {"both 'linear' and 'weight'"});
  refuse("type: \"CONVERT\"", "type: \"CONVERT\" linear: \"linear\"", {"only MATMUL takes 'linear'"});
  refuse("type: \"CONVERT\"", "type: \"CONVERT\" epsilon: 1", {"only NORM_MODULATE and GROUP_NORM take 'epsilon'"});
  refuse("type: \"CONVERT\"", "type: \"CONVERT\" groups: 1", {"only GROUP_NORM takes 'groups'"});
}

TEST_F(BadWorkload, ShapesThatDoNotFitNameOperatorAndTensor) {
  refuse("\"prediction\" shape: [\"samples\", \"width\"]", "\"prediction\" shape: [\"samples\", \"9\"]",
         {"operator 'sampler'", "SAMPLER_UPDATE.cond 'prediction' INT32 [1, 9]", "x 'latent' INT32 [1, 8]"});
  refuse("\"narrow\" shape: [\"samples\", \"width\"]", "\"narrow\" shape: [\"samples\", \"2\"]",
         {"operator 'narrow'", "CONVERT.dst 'narrow' INT12 [1, 2]", "[1, 8]"});
  refuse("\"image\" shape: [\"samples\", \"width\"]", "\"image\" shape: [\"width\", \"samples\"]",
         {"operator 'copy'", "DMA_COPY.dst", "[8, 1]"});
  refuse("shape: \"6\"", "shape: \"7\"", {"operator 'sampler'", "'constants'", "[6]"});
}

TEST_F(BadWorkload, FormatsThatDoNotFitNameOperatorAndTensor) {
  refuse("\"narrow\" shape: [\"samples\", \"width\"] format: INT12",
         "\"narrow\" shape: [\"samples\", \"width\"] format: INT16",
         {"operator 'linear'", "MATMUL.src 'narrow' INT16", "expected format INT12"});
  refuse("\"prediction\" shape: [\"samples\", \"width\"] format: INT32",
         "\"prediction\" shape: [\"samples\", \"width\"] format: INT32 scale: 0.5",
         {"operator 'sampler'", "'prediction'", "fixed point"});
  refuse("\"image\" shape: [\"samples\", \"width\"] format: INT32",
         "\"image\" shape: [\"samples\", \"width\"] format: INT16 scale: 1", {"operator 'copy'", "INT32"});
}

TEST_F(BadWorkload, TensorsMustBeComplete) {
  refuse("format: INT12 scale_of: \"narrow\"", "scale: 1", {"tensor 'narrow'", "no format"});
  refuse(" scale_of: \"narrow\"", "", {"CONVERT.dst 'narrow'", "expected 'scale' or 'scale_of'"});
  refuse("scale_of: \"narrow\"", "scale_of: \"narow\"", {"tensor 'narrow'", "scale 'narow'", "'narrow'"});
  refuse("scale_of: \"narrow\"", "scale: -1", {"tensor 'narrow'", "positive scale"});
  refuse("name: \"narrow\" shape", "name: \"latent\" shape", {"tensor 'latent'", "defined twice"});
  refuse("shape: \"6\"", "", {"tensor 'constants'", "0 dimensions"});
  refuse("shape: \"6\"", "shape: [\"1\",\"1\",\"1\",\"1\",\"6\"]", {"tensor 'constants'", "5 dimensions"});
  refuse("value: \"8\"", "value: \"0\"", {"tensor 'latent'", "extent 'width' is 0"});
  refuse("value: \"8\"", "value: \"999999999999\"", {"tensor 'latent'", "extent 'width'"});
  refuse("value: \"8\"", "value: \"hight\"", {"symbol 'width'", "unknown symbol 'hight'"});
}

TEST_F(BadWorkload, ReadingWhatNothingHasWrittenIsACycle) {
  refuse("operators { name: \"narrow\" type: \"CONVERT\" src: \"latent\" dst: \"narrow\" }", "",
         {"operator 'linear'", "reads 'narrow'", "before any operator has written it", "cycle"});
}

TEST_F(BadWorkload, ContentIsNotUsedBeyondItsLifetime) {
  refuse("format: INT32 lifetime: RUN", "format: INT32", {"operator 'narrow'", "'latent'", "another phase", "RUN"});
  refuse("type: \"DMA_COPY\" src: \"latent\"", "type: \"DMA_COPY\" src: \"prediction\"",
         {"operator 'copy'", "'prediction'", "another phase"});
}

TEST_F(BadWorkload, ConstantTensorsAreNotWritten) {
  refuse("dst: \"prediction\"", "dst: \"table\"", {"undefined tensor 'table'"});
  refuse("\"prediction\" shape: [\"samples\", \"width\"] format: INT32",
         "\"prediction\" shape: [\"samples\", \"width\"] format: INT32 file: \"table\"",
         {"operator 'linear'", "writes 'prediction'", "constant"});
  refuse("content: SAMPLER_CONSTANTS", "content: SAMPLER_CONSTANTS lifetime: RUN", {"tensor 'constants'", "constant"});
}

TEST_F(BadWorkload, ThereIsOneOutputAndItIsWritten) {
  refuse(" lifetime: OUTPUT", "", {"0 tensors of lifetime OUTPUT"});
  refuse("lifetime: RUN", "lifetime: OUTPUT", {"2 tensors of lifetime OUTPUT"});
  refuse("type: \"DMA_COPY\" src: \"latent\" dst: \"image\"", "type: \"DMA_COPY\" src: \"latent\" dst: \"prediction\"",
         {"no operator writes", "'image'"});
}

TEST_F(BadWorkload, ViewsLieInsideWhatTheyShow) {
  const std::string anchor = "tensors { name: \"image\"";
  const auto view = [&](const std::string& text, const std::vector<std::string>& parts) {
    refuse(anchor, "tensors { name: \"part\" " + text + " } " + anchor, parts);
  };
  view("shape: \"9\" view { of: \"latent\" }", {"tensor 'part'", "[9] does not lie inside 'latent'"});
  view("shape: \"4\" view { of: \"latent\" offset: \"5\" }", {"tensor 'part'", "does not lie inside"});
  view("shape: \"3\" view { of: \"latent\" stride: \"4\" }", {"tensor 'part'", "does not lie inside"});
  view("shape: \"1\" view { of: \"latent\" offset: \"0-1\" }", {"tensor 'part'", "'0-1' is -1"});
  view("shape: [\"2\", \"2\"] view { of: \"latent\" stride: \"1\" }", {"one stride per dimension"});
  view("shape: \"2\" format: INT16 view { of: \"latent\" }", {"another format"});
  view("shape: \"2\" view { of: \"latant\" }", {"undefined tensor 'latant'", "'latent'"});
  view("shape: \"2\" view { of: \"latent\" } } tensors { name: \"again\" shape: \"2\" view { of: \"part\" }",
       {"'again'", "view itself"});
  view(
      "shape: [\"samples\", \"width\"] view { of: \"latent\" stride: [\"0\", \"0\"] } } sections { phase: ONCE "
      "operators { name: \"n\" type: \"NOISE\" dst: \"part\" }",
      {"NOISE.dst 'part'", "stride of 0"});
}

TEST_F(BadWorkload, RepetitionsAreBoundedAndNamed) {
  refuse("sections { phase: ONCE", "sections { phase: ONCE repeat: \"256\" variable: \"i\"",
         {"repeats 256 times", "255"});
  refuse("sections { phase: ONCE", "sections { phase: ONCE repeat: \"2\"", {"belong together"});
  refuse("sections { phase: ONCE", "sections { phase: ONCE repeat: \"2\" variable: \"width\"",
         {"'width' is a symbol already"});
  refuse("sections { phase: ONCE",
         "sections { phase: ONCE repeat: \"2\" variable: \"i\" tensors { name: \"t\" shape: \"1\" format: INT32 }",
         {"tensor 't'", "defined twice"});
  refuse("sections { phase: ONCE", "sections {", {"needs a phase"});
}

TEST_F(BadWorkload, GuidanceNeedsBothPredictions) {
  refuse("steps: 2", "steps: 2 guidance: 2", {"operator 'sampler'", "'uncond'", "guidance"});
  refuse("cond: \"prediction\"", "cond: \"prediction\" uncond: \"prediction\"",
         {"operator 'sampler'", "without guidance"});
}

TEST_F(BadWorkload, WeightsThatDoNotFitAreNamed) {
  refuse("linear: \"linear\"", "linear: \"liner\"",
         {"operator 'linear'", "no tensor 'liner.weight'", "'linear.weight'"});
  refuse("alpha_bar: \"abar\"", "alpha_bar: \"table\"", {"workload.sampler.alpha_bar", "I32 [4, 8]", "expected F64"});
  refuse("train_steps: 4", "train_steps: 5", {"workload.sampler.alpha_bar", "expected F64 [5]"});
  refuse("weights: \"w.safetensors\"", "weights: \"v.safetensors\"", {"v.safetensors", "No such file"});
  refuse("weights: \"w.safetensors\"", "", {"workload.weights", "names no file"});
  refuse("scales: \"w.json\"", "", {"tensor 'narrow'", "not in the scales file"});
}

TEST_F(BadWorkload, WeightsOfWrongTypeShapeOrValueAreNamed) {
  const auto refuse_weights = [&](const test::WeightTensor& tensor, const std::vector<std::string>& parts) {
    write_weights({tensor});
    expect_config_error([&] { pack(kGood); }, parts);
  };
  refuse_weights(weight_tensor("linear.weight", "I16", {8, 8}, std::vector<std::int16_t>(64, 1)),
                 {"operator 'linear'", "'linear.weight'", "expected I8"});
  refuse_weights(weight_tensor("linear.weight", "I8", {4, 16}, std::vector<std::int8_t>(64, 1)),
                 {"operator 'linear'", "'linear.weight' is I8 [4, 16]", "src 'narrow' INT12 [1, 8]", "need [8, 8]"});
  refuse_weights(weight_tensor("linear.weight_scale", "F32", {7}, std::vector<float>(7, 1)),
                 {"'linear.weight_scale'", "expected F32 [8]"});
  refuse_weights(weight_tensor("linear.weight_scale", "F32", {8}, std::vector<float>(8, 0)),
                 {"'linear.weight_scale'", "positive"});
  refuse_weights(weight_tensor("linear.bias", "F32", {8}, std::vector<float>(8, HUGE_VALF)),
                 {"'linear.bias'", "not finite"});
  refuse_weights(weight_tensor("abar", "F64", {4}, std::vector<double>{0.9, 0.7, 0.4, 0.0}),
                 {"alpha_bar", "between 0 and 1"});
  write_weights({weight_tensor("codes", "I16", {4, 8}, std::vector<std::int16_t>(32, 2048))});
  refuse("tensors { name: \"image\"",
         "tensors { name: \"code\" shape: [\"1\", \"8\"] format: INT12 scale: 1 content: TIME_CODE } tensors { name: "
         "\"image\"",
         {"tensor 'code'", "2048", "no INT12"});
}

TEST_F(BadWorkload, ClassesBeyondTheEmbeddingAreFound) {
  refuse("sections { phase: ONCE",
         "classes: \"a\" conditioning { class_names: [\"z\", \"y\", \"x\", \"w\", \"a\"] } "
         "tensors { name: \"list\" shape: \"samples\" format: UINT32 content: CLASS_LIST } "
         "tensors { name: \"table\" shape: [\"4\", \"8\"] format: INT32 file: \"table\" } "
         "tensors { name: \"row\" shape: [\"samples\", \"8\"] format: INT32 } "
         "sections { phase: ONCE operators { name: \"embed\" type: \"DMA_GATHER\" src: \"table\" list: \"list\" dst: "
         "\"row\" } } sections { phase: ONCE",
         {"operator 'embed'", "at least 5 rows"});
}

}  // namespace
}  // namespace dixion
