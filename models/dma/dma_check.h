// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/command.h"

namespace dixion {

/// Operand numbers of the DMA's opcodes, in the order of models/abi/commands.toml.
namespace copy_operand {  // DMA_COPY, DMA_IM2COL and DMA_RESIZE
enum : unsigned { kSrc, kDst };
}
namespace gather_operand {
enum : unsigned { kSrc, kList, kDst };
}
namespace fill_operand {
enum : unsigned { kDst };
}

/// The first mistake in a command of the DMA.
[[nodiscard]] CommandError check_dma_command(const Command& command);

}  // namespace dixion
