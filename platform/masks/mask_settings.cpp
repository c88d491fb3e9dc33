// SPDX-License-Identifier: Apache-2.0
#include "platform/masks/mask_settings.h"

#include <string>

#include "models/common/check.h"

namespace dixion {
namespace {

/// Settings of one technique; `path` is for messages.
class Section {
 public:
  Section(std::string path, const workload::MaskStatistics& given) : path_(std::move(path)), given_(given) {}

  void apply(MaskStatistics& law) const {
    const double density = share("density", given_.density());
    if (given_.has_density() && law.density == 1) law.density = density;  // else the accelerator's setting stands
    law.row_skew = number("row_skew", given_.row_skew());
    law.column_skew = number("column_skew", given_.column_skew());
    law.persistence = share("persistence", given_.persistence());
    law.clustering = share("clustering", given_.clustering());
    if (given_.patch() != 0) law.patch = number("patch", given_.patch());
    law.dominant = share("dominant", given_.dominant());
  }
  void refuse(const char* key, const std::string& reason) const { throw ConfigError(path_ + "." + key, reason); }

 private:
  [[nodiscard]] double share(const char* key, double value) const {
    if (!(value >= 0 && value <= 1)) refuse(key, "is " + std::to_string(value) + ", must be from 0 to 1");
    return value;
  }
  [[nodiscard]] unsigned number(const char* key, unsigned value) const {
    constexpr unsigned kMost = 64;
    if (value > kMost) refuse(key, "is " + std::to_string(value) + ", must be at most " + std::to_string(kMost));
    return value;
  }

  std::string path_;
  const workload::MaskStatistics& given_;
};

}  // namespace

std::unique_ptr<StatisticalMasks> workload_masks(const workload::Techniques& techniques,
                                                 const AcceleratorConfig& accelerator) {
  auto masks = std::make_unique<StatisticalMasks>(made_up_masks(accelerator));
  const Section st("workload.techniques.st.masks", techniques.st().masks());
  const Section ctr("workload.techniques.ctr.masks", techniques.ctr().masks());
  const Section ffn("workload.techniques.ffn_reuse.masks", techniques.ffn_reuse().masks());
  const Section ep("workload.techniques.ep.masks", techniques.ep().masks());
  if (techniques.ep().masks().has_density()) ep.refuse("density", "is decided by workload.techniques.ep.keep");
  for (const auto* other : {&techniques.st().masks(), &techniques.ctr().masks(), &techniques.ffn_reuse().masks()}) {
    if (other->dominant() == 0) continue;
    throw ConfigError("workload.techniques", "only ep.masks has rows that are `dominant`");
  }
  st.apply(masks->law(MaskKind::kKeys));
  if (techniques.ctr().has_masks()) {
    MaskStatistics tokens;
    ctr.apply(tokens);
    masks->set_tokens(tokens);
  }
  ffn.apply(masks->law(MaskKind::kElements));
  ep.apply(masks->law(MaskKind::kPredictedKeys));
  return masks;
}

}  // namespace dixion
