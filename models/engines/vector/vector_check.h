// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/command.h"

namespace dixion {

/// Operand numbers of the vector engine's opcodes, in the order of models/abi/commands.toml.
namespace norm_operand {  // NORM_MODULATE, GROUP_NORM and MODULATE
enum : unsigned { kSrc, kShift, kScale, kDst };
}
namespace unary_operand {  // activations, GEGLU and CONVERT; the mask is for GELU, GELU_TANH and GEGLU
enum : unsigned { kSrc, kDst, kMask };
}
namespace rotary_operand {
enum : unsigned { kSrc, kTable, kDst };
}
namespace add_operand {
enum : unsigned { kA, kB, kDst };
}
namespace residual_operand {
enum : unsigned { kX, kGate, kH, kDst };
}
namespace sampler_operand {
enum : unsigned { kX, kCond, kUncond, kConstants, kDst };
}
namespace noise_operand {
enum : unsigned { kDst };
}

/// The first mistake in a command of the vector engine.
[[nodiscard]] CommandError check_vector_command(const Command& command);

}  // namespace dixion
