// SPDX-License-Identifier: Apache-2.0
#include "platform/masks/mask_settings.h"

#include <string>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "traces/proto/text_config.h"

namespace dixion::test {
namespace {

workload::Techniques techniques(const std::string& text) {
  workload::Techniques result;
  parse_text(text, "test", result);
  return result;
}

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(workload_masks(techniques(text), AcceleratorConfig{}));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

TEST(MaskSettings, EachTechniqueHasItsLaw) {
  const AcceleratorConfig accelerator;
  const auto masks = workload_masks(techniques("st { masks { density: 0.5 row_skew: 1 } } "
                                               "ffn_reuse { masks { column_skew: 8 persistence: 0.75 patch: 2 } } "
                                               "ctr { masks { density: 0 clustering: 0.5 } } "
                                               "ep { masks { dominant: 0.125 } }"),
                                    accelerator);
  EXPECT_EQ(masks->law(MaskKind::kKeys).density, 0.5);
  EXPECT_EQ(masks->law(MaskKind::kKeys).row_skew, 1U);
  EXPECT_EQ(masks->law(MaskKind::kKeys).patch, 4U);
  EXPECT_EQ(masks->law(MaskKind::kElements).density, 1);
  EXPECT_EQ(masks->law(MaskKind::kElements).column_skew, 8U);
  EXPECT_EQ(masks->law(MaskKind::kElements).persistence, 0.75);
  EXPECT_EQ(masks->law(MaskKind::kElements).patch, 2U);
  EXPECT_EQ(masks->law(MaskKind::kTokens).density, 0);
  EXPECT_EQ(masks->law(MaskKind::kTokens).clustering, 0.5);
  MaskRequest tokens;
  tokens.kind = MaskKind::kTokens;
  EXPECT_NE(masks->mask(tokens), nullptr);
  EXPECT_EQ(workload_masks({}, accelerator)->mask(tokens), nullptr) << "the token rule decides";
  EXPECT_EQ(masks->law(MaskKind::kPredictedRows).dominant, 0.125);
}

TEST(MaskSettings, TheAcceleratorsDensityWins) {
  AcceleratorConfig accelerator;
  accelerator.mask_density = 0.25;
  const auto masks = workload_masks(
      techniques("st { masks { density: 0.5 column_skew: 2 } } ffn_reuse { masks { density: 0.75 } }"), accelerator);
  EXPECT_EQ(masks->law(MaskKind::kKeys).density, 0.25);
  EXPECT_EQ(masks->law(MaskKind::kKeys).column_skew, 2U);
  EXPECT_EQ(masks->law(MaskKind::kElements).density, 0.75) << "it has a setting of its own";
}

TEST(MaskSettings, ValuesOutOfRangeAreNamed) {
  EXPECT_EQ(refusal(""), "none");
  EXPECT_NE(refusal("st { masks { density: 1.5 } }").find("workload.techniques.st.masks.density: is 1.5"),
            std::string::npos);
  EXPECT_NE(refusal("ctr { masks { clustering: -1 } }").find("workload.techniques.ctr.masks.clustering"),
            std::string::npos);
  EXPECT_NE(refusal("ffn_reuse { masks { column_skew: 65 } }").find("ffn_reuse.masks.column_skew: is 65"),
            std::string::npos);
  EXPECT_NE(refusal("ep { masks { density: 0.5 } }").find("ep.masks.density: is decided by"), std::string::npos);
  EXPECT_NE(refusal("st { masks { dominant: 0.5 } }").find("dominant"), std::string::npos);
}

}  // namespace
}  // namespace dixion::test
