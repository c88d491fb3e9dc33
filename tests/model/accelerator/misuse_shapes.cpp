// SPDX-License-Identifier: Apache-2.0
// The catalogue: what single operators ask of shapes, formats and immediates.
#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

constexpr std::uint64_t kOut = Bench::result(0) + 0x300;

constexpr std::uint32_t halves(std::uint32_t low, std::uint32_t high) { return low | high << 16; }

/// A right command: windows of 3 x 3 pixels with a halo over a picture of 4 x 4 pixels of 2 channels.
Command im2col(Bench& b) {
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT8, 1, {1, 4, 4, 2});
  b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT8, 1, {1, 4, 4, 18});
  Command c = b.command(DIXION_OPCODE_DMA_IM2COL, {Bench::kMatrix, Bench::kHeadsOut});
  c.immediates[0] = halves(3, 3);
  c.immediates[1] = c.immediates[2] = halves(1, 1);
  return c;
}

Mistake window(const char* name, const char* what, unsigned immediate, std::uint32_t value, const char* subject,
               const char* expected) {
  return {kCommand,
          name,
          what,
          DIXION_CAUSE_BAD_IMMEDIATE,
          kImmediate0 + immediate,
          value,
          subject,
          expected,
          [=](Bench& b, Command& c) { (c = im2col(b)).immediates[immediate] = value; }};
}

/// A right command: 4 positions of 8 channels.
Command rotary(Bench& b) {
  b.describe(Bench::kWeight, Bench::kTensors + 0x1000, DIXION_FORMAT_INT16, 2, {4, 8});
  b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {4, 8});
  Command c = b.command(DIXION_OPCODE_ROTARY, {Bench::kMatrix, Bench::kWeight, Bench::kHeadsOut});
  c.immediates[0] = 1;
  return c;
}

}  // namespace

std::vector<Mistake> shape_mistakes() {
  return {
      {kCommand, "GroupsThatDoNotDivide", "a group norm whose groups do not divide the channels",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 3, "GROUP_NORM.groups", "groups that divide the channels",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {4, 4});
         c = b.command(DIXION_OPCODE_GROUP_NORM, {Bench::kBad, 0, 0, Bench::kHeadsOut});
         c.immediates[2] = 1;
         c.immediates[3] = 3;
       }},
      {kCommand, "GegluColumns", "GEGLU of values and gates that are not twice the result", DIXION_CAUSE_BAD_SHAPE,
       kOperand0, 8, "GEGLU.src", "6, twice the last extent of dst",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {4, 3});
         c = b.command(DIXION_OPCODE_GEGLU, {Bench::kMatrix, Bench::kHeadsOut});
       }},
      {kCommand, "GegluRows", "GEGLU into other rows", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 1, 3, "GEGLU.dst",
       "4, extent 0 of src",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {3, 4});
         c = b.command(DIXION_OPCODE_GEGLU, {Bench::kMatrix, Bench::kHeadsOut});
       }},
      {kCommand, "ModulateChannels", "a modulation with a scale of other channels", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 2, 16, "MODULATE.scale", "8, the D of src",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {4, 8});
         c = b.command(DIXION_OPCODE_MODULATE, {Bench::kMatrix, 0, Bench::kFilled0, Bench::kHeadsOut});
       }},
      {kCommand, "ModulateShift", "a modulation with an output shift above 62", DIXION_CAUSE_BAD_IMMEDIATE,
       kImmediate0 + 3, 63, "MODULATE.output shift", "output shift of at most 62",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT12, 2, {4, 8});
         c = b.command(DIXION_OPCODE_MODULATE, {Bench::kMatrix, 0, 0, Bench::kHeadsOut});
         c.immediates[3] = 63;
       }},
      {kCommand, "RotaryOddChannels", "rotary positions of an odd number of channels", DIXION_CAUSE_BAD_SHAPE,
       kOperand0, 7, "ROTARY.src", "an even number of channels",
       [](Bench& b, Command& c) {
         c = rotary(b);
         b.descriptor(Bench::kMatrix).extent[1] = 7;
       }},
      {kCommand, "RotaryTable", "rotary positions with a table of other positions", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 1, 3, "ROTARY.table", "4, the T of src",
       [](Bench& b, Command& c) {
         c = rotary(b);
         b.descriptor(Bench::kWeight).extent[0] = 3;
       }},
      {kCommand, "ReluFormat", "RELU of a format that it does not take", DIXION_CAUSE_BAD_FORMAT, kOperand0,
       DIXION_FORMAT_INT8, "RELU.src", "src in INT12 or INT16 or INT32",
       [](Bench& b, Command& c) {
         c = b.command(DIXION_OPCODE_RELU, {Bench::kWeight, Bench::kFilled0});
       }},
      window("WindowWithoutColumns", "an im2col kernel of 3 x 0", 0, halves(3, 0), "DMA_IM2COL.kernel",
             "1 to 64 in both halves"),
      window("WindowTooLarge", "an im2col kernel of more than 64 rows", 0, halves(65, 3), "DMA_IM2COL.kernel",
             "1 to 64 in both halves"),
      window("StrideOfAWindowZero", "an im2col stride of 0", 1, halves(0, 1), "DMA_IM2COL.stride",
             "1 to 64 in both halves"),
      window("PaddingTooWide", "an im2col padding not less than the kernel", 2, halves(1, 3), "DMA_IM2COL.padding",
             "less than the kernel in both halves"),
      {kCommand, "WindowBeyondThePicture", "an im2col kernel larger than the picture with its padding",
       DIXION_CAUSE_BAD_SHAPE, kOperand0, 4, "DMA_IM2COL.src", "rows for a kernel of 5",
       [](Bench& b, Command& c) {
         c = im2col(b);
         c.immediates[0] = halves(5, 3);
         c.immediates[2] = 0;
       }},
      {kCommand, "WindowsDoNotFit", "an im2col result of other extents than the windows have", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 1, 4, "DMA_IM2COL.dst", "2, (H + 2 padding - kernel) / stride + 1",
       [](Bench& b, Command& c) { (c = im2col(b)).immediates[1] = halves(2, 2); }},
      {kCommand, "FactorNotWhole", "a resize by a factor that is not whole", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 1, 6,
       "DMA_RESIZE.dst", "a multiple of 4, extent 2 of src",
       [](Bench& b, Command& c) {
         b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT8, 1, {1, 4, 4, 2});
         b.describe(Bench::kHeadsOut, kOut, DIXION_FORMAT_INT8, 1, {1, 8, 6, 2});
         c = b.command(DIXION_OPCODE_DMA_RESIZE, {Bench::kMatrix, Bench::kHeadsOut});
       }},
  };
}

}  // namespace dixion::test
