// SPDX-License-Identifier: Apache-2.0
// Operators one by one: what the packer makes of a right one, told by the scalar reference's run of the image against
// real numbers, and what it says of wrong ones.
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>

#include "tests/support/image_runner.h"
#include "tests/support/tiny_workload.h"
#include "tests/unit/image/expect_config_error.h"
#include "traces/image/packer.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

using reference::Tensor;
using test::weight_tensor;

/// A workload around the operators under test: 'x' [2, 4, 12] Q16 holds normal numbers, 'n' the same in INT12.
constexpr const char* kFrame = R"(
name: "small" weights: "w.safetensors" steps: 1 samples: 2 classes: "a"
conditioning { class_names: "a" }
sampler { train_steps: 2 alpha_bar: "abar" time_codes: "codes" clip: 8 }
tensors { name: "latent" shape: ["samples", "48"] format: INT32 lifetime: RUN }
tensors { name: "x" shape: ["samples", "4", "12"] view { of: "latent" } }
tensors { name: "n" shape: ["samples", "4", "12"] format: INT12 scale: 0.002 }
tensors { name: "shift" shape: "12" format: INT32 file: "shift" }
tensors { name: "scale" shape: "12" format: INT32 file: "scale" }
tensors { name: "table" shape: ["4", "12"] format: INT16 scale: 6.103515625e-05 file: "table" }
tensors { name: "constants" shape: "6" format: INT32 content: SAMPLER_CONSTANTS }
tensors { name: "image" shape: ["samples", "48"] format: INT32 lifetime: OUTPUT }
sections { phase: ONCE
  operators { name: "noise" type: "NOISE" dst: "latent" }
  operators { name: "narrow" type: "CONVERT" src: "x" dst: "n" }
}
sections { phase: EACH_STEP
  operators { name: "sampler" type: "SAMPLER_UPDATE" x: "latent" cond: "latent" constants: "constants" dst: "latent" }
}
sections { phase: FINISH operators { name: "copy" type: "DMA_COPY" src: "latent" dst: "image" } }
)";

constexpr double kX = 1.0 / 65536, kN = 0.002;  // scales of x and n
constexpr std::size_t kRows = 4, kChannels = 12;

double gelu(double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }

class Operators : public testing::Test {
 protected:
  using Results = std::map<std::string, Tensor>;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    std::vector<std::int32_t> shift, scale;
    std::vector<std::int16_t> table;
    for (std::size_t c = 0; c < kChannels; ++c) {
      shift.push_back(static_cast<std::int32_t>(std::lround(65536 * shift_of(c))));
      scale.push_back(static_cast<std::int32_t>(std::lround(65536 * scale_of(c))));
    }
    for (std::size_t t = 0; t < kRows; ++t) {
      for (std::size_t pair = 0; pair < kChannels / 2; ++pair) {
        table.push_back(static_cast<std::int16_t>(std::lround(16384 * std::cos(angle(t, pair)))));
        table.push_back(static_cast<std::int16_t>(std::lround(16384 * std::sin(angle(t, pair)))));
      }
    }
    test::write_text(folder_ / "w.safetensors",
                     test::safetensors({weight_tensor("abar", "F64", {2}, std::vector<double>{0.9, 0.1}),
                                        weight_tensor("codes", "I16", {2, 8}, std::vector<std::int16_t>(16, 100)),
                                        weight_tensor("shift", "I32", {kChannels}, shift),
                                        weight_tensor("scale", "I32", {kChannels}, scale),
                                        weight_tensor("table", "I16", {kRows, kChannels}, table)}));
  }

  static double shift_of(std::size_t channel) { return 0.3 * static_cast<double>(channel) - 1; }
  static double scale_of(std::size_t channel) { return 0.7 - 0.2 * static_cast<double>(channel); }
  static double angle(std::size_t position, std::size_t pair) {
    return static_cast<double>(position) / (1 + static_cast<double>(pair));
  }

  PackedImage pack(const std::string& tensors, const std::string& operators) const {
    std::string text = kFrame;
    const auto insert = [&](const std::string& before, const std::string& what) {
      text.insert(text.find(before), what + "\n");
    };
    insert("tensors { name: \"image\"", tensors);
    if (!operators.empty()) insert("sections { phase: EACH_STEP", "sections { phase: ONCE " + operators + " }");
    workload::Workload workload;
    parse_text(text, "small.textproto", workload);
    return pack_workload(workload, folder_);
  }

  /// Every operator's result in the reference's run of the packed image.
  Results run(const std::string& tensors, const std::string& operators) const {
    const PackedImage image = pack(tensors, operators);
    Results results;
    reference::ImageRunner(image.bytes).run([&](std::uint32_t, std::uint32_t number, const Tensor& result) {
      results[image.operator_names[number]] = result;
    });
    return results;
  }

  void refuse(const std::string& tensors, const std::string& operators, const std::vector<std::string>& parts) const {
    SCOPED_TRACE(tensors + operators);
    test::expect_config_error([&] { pack(tensors, operators); }, parts);
  }

  /// `tensor` in real numbers equals expected(sample, row, column) but for `steps` units of its scale.
  static void expect_near(const Tensor& tensor, double unit, double steps,
                          const std::function<double(std::size_t, std::size_t, std::size_t)>& expected) {
    double largest = 0;
    for (std::size_t i = 0; i < tensor.extent[1]; ++i) {
      for (std::size_t j = 0; j < tensor.extent[2]; ++j) {
        for (std::size_t k = 0; k < tensor.extent[3]; ++k) {
          const double wanted = expected(i, j, k);
          largest = std::max(largest, std::abs(wanted));
          ASSERT_NEAR(tensor.at(0, i, j, k) * unit, wanted, steps * unit) << i << ' ' << j << ' ' << k;
        }
      }
    }
    EXPECT_GT(largest, 20 * steps * unit) << "nothing to compare";
  }

  const std::filesystem::path folder_ =
      test::scratch_folder() /
      ("operators_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

/// Row-major element of [2, 4, 12].
double value(const Tensor& tensor, double unit, std::size_t i, std::size_t j, std::size_t k) {
  return unit * tensor.values[(i * kRows + j) * kChannels + k];
}

std::string tensor(const std::string& name, const std::string& rest) {
  return "tensors { name: \"" + name + "\" " + rest + " } ";
}
std::string op(const std::string& type, const std::string& rest) {
  return "operators { name: \"tested\" type: \"" + type + "\" " + rest + " } ";
}
const std::string kLikeX = "shape: [\"samples\", \"4\", \"12\"] ";
const std::string kNarrow = kLikeX + "format: INT12 scale: 0.004";

TEST_F(Operators, TheFramePacks) { EXPECT_EQ(pack("", "").operator_names.size(), 4U); }

TEST_F(Operators, GroupNormFollowsRealNumbers) {
  const Results results =
      run(tensor("y", kNarrow),
          op("GROUP_NORM", "src: \"x\" shift: \"shift\" scale: \"scale\" dst: \"y\" groups: 3 epsilon: 1e-5"));
  const Tensor& x = results.at("noise");
  expect_near(results.at("tested"), 0.004, 1.1, [&](std::size_t i, std::size_t j, std::size_t k) {
    const std::size_t first = k / 4 * 4;
    double mean = 0, squares = 0;
    for (std::size_t t = 0; t < kRows; ++t) {
      for (std::size_t c = first; c < first + 4; ++c) mean += value(x, kX, i, t, c) / 16;
    }
    for (std::size_t t = 0; t < kRows; ++t) {
      for (std::size_t c = first; c < first + 4; ++c) squares += std::pow(value(x, kX, i, t, c) - mean, 2) / 16;
    }
    return (value(x, kX, i, j, k) - mean) / std::sqrt(squares + 1e-5) * (1 + scale_of(k)) + shift_of(k);
  });
}

TEST_F(Operators, GroupNormRefusals) {
  const std::string y = tensor("y", kNarrow);
  const std::string good = "src: \"x\" dst: \"y\" ";
  refuse(y, op("GROUP_NORM", good), {"operator 'tested'", "'groups' must divide the channels"});
  refuse(y, op("GROUP_NORM", good + "groups: 5"), {"operator 'tested'", "'groups' must divide the channels"});
  refuse(y, op("GROUP_NORM", "src: \"n\" dst: \"y\" groups: 3"), {"GROUP_NORM.src 'n' INT12", "expected format INT32"});
  refuse(tensor("y", "shape: [\"samples\", \"4\", \"8\"] format: INT12 scale: 1"), op("GROUP_NORM", good + "groups: 3"),
         {"operator 'tested'", "GROUP_NORM.dst 'y' INT12 [2, 4, 8]", "src 'x' INT32 [2, 4, 12]"});
  refuse(tensor("y", kLikeX + "format: INT16 scale: 1"), op("GROUP_NORM", good + "groups: 3"),
         {"GROUP_NORM.dst 'y' INT16", "expected format INT12"});
  refuse(y + tensor("short", "shape: \"8\" view { of: \"latent\" }"),
         op("GROUP_NORM", good + "groups: 3 shift: \"short\""),
         {"GROUP_NORM.shift 'short' INT32 [8]", "expected [12]"});
  // One group of 2^24 elements, and of 2^24 + 2.
  const auto large = [](const std::string& rows) {
    return tensor("big", "shape: [\"" + rows + "\", \"2\"] format: INT32") +
           tensor("y", "shape: [\"" + rows + "\", \"2\"] format: INT12 scale: 1");
  };
  const std::string norm = op("GROUP_NORM", "src: \"big\" dst: \"y\" groups: 1");
  const auto fill = [](const std::string& rows) {
    return tensor("flat", "shape: [\"samples\", \"" + rows + "\"] view { of: \"big\" }");
  };
  const std::string noise = "operators { name: \"big\" type: \"NOISE\" dst: \"flat\" } ";
  EXPECT_EQ(pack(large("8388608") + fill("8388608"), noise + norm).operator_names.size(), 6U);
  refuse(large("8388609") + fill("8388609"), noise + norm, {"GROUP_NORM.src 'big'", "at most 16777216 elements"});
}

TEST_F(Operators, GegluFollowsRealNumbers) {
  for (const bool wide : {true, false}) {
    const Results results = run(tensor("y", "shape: [\"samples\", \"4\", \"6\"] format: INT16 scale: 0.0005"),
                                op("GEGLU", std::string("src: ") + (wide ? "\"x\"" : "\"n\"") + " dst: \"y\""));
    const Tensor& src = results.at(wide ? "noise" : "narrow");
    expect_near(results.at("tested"), 0.0005, 0.7, [&](std::size_t i, std::size_t j, std::size_t k) {
      return value(src, wide ? kX : kN, i, j, k) * gelu(value(src, wide ? kX : kN, i, j, k + 6));
    });
  }
}

TEST_F(Operators, GegluRefusals) {
  const std::string y = tensor("y", "shape: [\"samples\", \"4\", \"6\"] format: INT16 scale: 0.001");
  refuse(tensor("y", kNarrow), op("GEGLU", "src: \"x\" dst: \"y\""),
         {"operator 'tested'", "GEGLU.dst 'y' INT12 [2, 4, 12]", "expected [2, 4, 6]"});
  refuse(y + tensor("odd", "shape: [\"samples\", \"4\", \"11\"] view { of: \"latent\" }"),
         op("GEGLU", "src: \"odd\" dst: \"y\""), {"GEGLU.src 'odd' INT32 [2, 4, 11]", "even last extent"});
  refuse(tensor("y", "shape: [\"samples\", \"4\", \"6\"] format: INT8 scale: 0.1"),
         op("GEGLU", "src: \"x\" dst: \"y\""), {"GEGLU.dst 'y' INT8", "expected format INT12 or INT16 or INT32"});
  refuse(y, op("GEGLU", "src: \"x\""), {"GEGLU needs operand 'dst'"});
}

TEST_F(Operators, ModulateFollowsRealNumbers) {
  for (const bool shifted : {true, false}) {
    const Results results = run(
        tensor("y", kNarrow),
        op("MODULATE", std::string("src: \"n\" scale: \"scale\" dst: \"y\" ") + (shifted ? "shift: \"shift\"" : "")));
    const Tensor& n = results.at("narrow");
    expect_near(results.at("tested"), 0.004, 0.6, [&](std::size_t i, std::size_t j, std::size_t k) {
      return value(n, kN, i, j, k) * (1 + scale_of(k)) + (shifted ? shift_of(k) : 0);
    });
  }
}

TEST_F(Operators, ModulateRefusals) {
  const std::string good = "src: \"n\" dst: \"y\" ";
  refuse(tensor("y", "shape: [\"samples\", \"4\", \"6\"] format: INT12 scale: 1"), op("MODULATE", good),
         {"operator 'tested'", "MODULATE.dst 'y' INT12 [2, 4, 6]", "src 'n' INT12 [2, 4, 12]"});
  refuse(tensor("y", kNarrow) +
             tensor("short", "shape: [\"samples\", \"8\"] view { of: \"latent\" stride: [\"8\", \"1\"] }"),
         op("MODULATE", good + "scale: \"short\""), {"MODULATE.scale 'short' INT32 [2, 8]", "expected [2, 12]"});
  refuse(tensor("y", kNarrow), op("MODULATE", good + "shift: \"n\""), {"MODULATE.shift 'n' INT12", "format INT32"});
  refuse(tensor("y", kNarrow) + tensor("real", "shape: \"12\" scale: 0.5 view { of: \"latent\" }"),
         op("MODULATE", good + "shift: \"real\""), {"MODULATE.shift 'real'", "fixed point, scale 2^-16"});
  refuse(tensor("y", kNarrow), op("MODULATE", good + "groups: 3"), {"only GROUP_NORM takes 'groups'"});
}

TEST_F(Operators, RotaryFollowsRealNumbers) {
  const Results results = run(tensor("y", kNarrow), op("ROTARY", "src: \"n\" table: \"table\" dst: \"y\""));
  const Tensor& n = results.at("narrow");
  expect_near(results.at("tested"), 0.004, 0.6, [&](std::size_t i, std::size_t j, std::size_t k) {
    const double turn = angle(j, k / 2), own = value(n, kN, i, j, k);
    return k % 2 == 0 ? own * std::cos(turn) - value(n, kN, i, j, k + 1) * std::sin(turn)
                      : own * std::cos(turn) + value(n, kN, i, j, k - 1) * std::sin(turn);
  });
}

TEST_F(Operators, RotaryRefusals) {
  const std::string good = "src: \"n\" table: \"table\" dst: \"y\"";
  refuse(tensor("y", kNarrow), op("ROTARY", "src: \"x\" table: \"table\" dst: \"y\""),
         {"operator 'tested'", "ROTARY.src 'x' INT32", "expected format INT12"});
  refuse(tensor("y", "shape: [\"4\", \"12\"] format: INT12 scale: 1"), op("ROTARY", good),
         {"ROTARY.dst 'y' INT12 [4, 12]", "src 'n' INT12 [2, 4, 12]"});
  refuse(tensor("y", kNarrow) +
             tensor("half", "shape: [\"4\", \"6\"] format: INT16 scale: 6.103515625e-05 file: \"table\""),
         op("ROTARY", "src: \"n\" table: \"half\" dst: \"y\""),
         {"ROTARY.table 'half' INT16 [4, 6]", "expected [4, 12]"});
  refuse(tensor("y", kNarrow) + tensor("other", "shape: [\"4\", \"12\"] format: INT16 scale: 0.001 file: \"table\""),
         op("ROTARY", "src: \"n\" table: \"other\" dst: \"y\""), {"ROTARY.table 'other'", "scale 2^-14"});
  refuse(tensor("y", "shape: [\"samples\", \"4\", \"11\"] format: INT12 scale: 1") +
             tensor("odd", "shape: [\"samples\", \"4\", \"11\"] view { of: \"n\" }"),
         op("ROTARY", "src: \"odd\" table: \"table\" dst: \"y\""), {"ROTARY.src 'odd'", "even number of channels"});
  refuse(tensor("y", kNarrow), op("CONVERT", "src: \"x\" table: \"table\" dst: \"y\""),
         {"CONVERT has no operand 'table'"});
}

TEST_F(Operators, ReluFollowsRealNumbers) {
  const Results results = run(tensor("y", kNarrow), op("RELU", "src: \"n\" dst: \"y\""));
  const Tensor& n = results.at("narrow");
  expect_near(results.at("tested"), 0.004, 0.6,
              [&](std::size_t i, std::size_t j, std::size_t k) { return std::max(0.0, value(n, kN, i, j, k)); });
  refuse(tensor("y", "shape: [\"samples\", \"4\", \"6\"] format: INT12 scale: 1"), op("RELU", "src: \"n\" dst: \"y\""),
         {"operator 'tested'", "RELU.dst 'y' INT12 [2, 4, 6]", "src 'n'"});
}

/// 'n' as a picture of 6 x 4 pixels of 2 channels.
const std::string kPicture = tensor("picture", "shape: [\"samples\", \"6\", \"4\", \"2\"] view { of: \"n\" }");

std::string windows(const std::string& rows, const std::string& columns, const std::string& length) {
  return kPicture + tensor("y", "shape: [\"samples\", \"" + rows + "\", \"" + columns + "\", \"" + length +
                                    "\"] format: INT12 scale: 0.002");
}

TEST_F(Operators, Im2colLaysWindowsSideBySide) {
  const Results results =
      run(windows("6", "2", "12"),
          op("DMA_IM2COL", "src: \"picture\" dst: \"y\" window { height: 3 width: 2 stride_x: 2 pad_y: 1 }"));
  const Tensor& n = results.at("narrow");
  const Tensor& y = results.at("tested");
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t c = i % 2, kx = i / 2 % 2, ky = i / 4 % 3, ox = i / 12 % 2, oy = i / 24 % 6, sample = i / 144;
    const std::size_t row = oy + ky;  // of the padded picture
    const std::int32_t wanted = row == 0 || row == 7 ? 0 : n.values[((sample * 6 + row - 1) * 4 + ox * 2 + kx) * 2 + c];
    ASSERT_EQ(y.values[i], wanted) << i;
  }
}

TEST_F(Operators, Im2colRefusals) {
  const auto of = [](const std::string& window) {
    return op("DMA_IM2COL", "src: \"picture\" dst: \"y\" window { " + window + " }");
  };
  const std::string good = windows("4", "2", "18");
  EXPECT_EQ(pack(good, of("height: 3 width: 3")).operator_names.size(), 5U);
  refuse(windows("4", "3", "18"), of("height: 3 width: 3"),
         {"operator 'tested'", "DMA_IM2COL.dst 'y' INT12 [2, 4, 3, 18]", "expected [2, 4, 2, 18]"});
  refuse(good, of("height: 3 width: 3 pad_x: 1"), {"expected [2, 4, 4, 18]"});
  refuse(good, of("height: 3 width: 3 stride_y: 3"), {"expected [2, 2, 2, 18]"});
  refuse(good, of("height: 3"), {"operator 'tested'", "'window' needs", "from 1 to 64"});
  refuse(good, of("height: 65 width: 3"), {"from 1 to 64"});
  refuse(good, of("height: 3 width: 3 stride_x: 65"), {"from 1 to 64"});
  refuse(good, of("height: 3 width: 3 pad_y: 3"), {"operator 'tested'", "padding less than its height"});
  refuse(good, of("height: 3 width: 5"), {"DMA_IM2COL.src 'picture'", "holds the window"});
  refuse(good, op("DMA_IM2COL", "src: \"picture\" dst: \"y\""), {"DMA_IM2COL needs 'window'"});
  refuse(good, op("DMA_COPY", "src: \"n\" dst: \"y\" window { height: 3 }"), {"only DMA_IM2COL takes 'window'"});
  refuse(windows("4", "2", "18"), op("DMA_IM2COL", "src: \"n\" dst: \"y\" window { height: 3 width: 3 }"),
         {"DMA_IM2COL.src 'n' INT12 [2, 4, 12]", "4 dimensions"});
  refuse(kPicture + tensor("y", "shape: [\"samples\", \"4\", \"2\", \"18\"] format: INT12 scale: 0.004"),
         of("height: 3 width: 3"), {"DMA_IM2COL.dst 'y'", "scale of src"});
}

TEST_F(Operators, ResizeRepeatsPixels) {
  const Results results = run(windows("12", "12", "2"), op("DMA_RESIZE", "src: \"picture\" dst: \"y\""));
  const Tensor& n = results.at("narrow");
  const Tensor& y = results.at("tested");
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t c = i % 2, column = i / 2 % 12 / 3, row = i / 24 % 12 / 2, sample = i / 288;
    ASSERT_EQ(y.values[i], n.values[((sample * 6 + row) * 4 + column) * 2 + c]) << i;
  }
}

TEST_F(Operators, ResizeRefusals) {
  const std::string resize = op("DMA_RESIZE", "src: \"picture\" dst: \"y\"");
  refuse(windows("9", "8", "2"), resize,
         {"operator 'tested'", "DMA_RESIZE.dst 'y' INT12 [2, 9, 8, 2]", "src 'picture' INT12 [2, 6, 4, 2]"});
  refuse(windows("6", "6", "2"), resize, {"whole factors"});
  refuse(windows("3", "4", "2"), resize, {"whole factors"});
  refuse(windows("12", "8", "4"), resize, {"whole factors"});
  refuse(kPicture + tensor("y", "shape: [\"samples\", \"12\", \"8\", \"2\"] format: INT16 scale: 0.002"), resize,
         {"DMA_RESIZE.dst 'y' INT16", "expected format INT12"});
}

}  // namespace
}  // namespace dixion
