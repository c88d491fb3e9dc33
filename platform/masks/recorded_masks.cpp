// SPDX-License-Identifier: Apache-2.0
#include "platform/masks/recorded_masks.h"

#include <sstream>
#include <utility>
#include <vector>

#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "models/common/statistical_mask.h"

namespace dixion {
namespace {

class WholeMask final : public MaskSource {
 public:
  explicit WholeMask(std::vector<std::uint32_t> words) : words_(std::move(words)) {}
  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
    const std::size_t count = mask_words(columns);
    for (std::size_t i = 0; i < count; ++i) words[i] = words_[number * count + i];
  }
  [[nodiscard]] bool stored() const override { return true; }

 private:
  std::vector<std::uint32_t> words_;
};

std::string size_of(const MaskRequest& request) {
  return std::to_string(request.groups) + " x " + std::to_string(request.rows) + " x " +
         std::to_string(request.columns);
}

std::string trimmed(std::string line) {
  line.erase(0, line.find_first_not_of(' '));
  return line;
}

/// The first lines in which they differ: "there 'steps: 8', here 'steps: 4'".
std::string first_difference(const std::string& there, const std::string& here) {
  std::istringstream lines_there(there), lines_here(here);
  std::string a, b;
  for (;;) {
    const bool more_there = static_cast<bool>(std::getline(lines_there, a));
    const bool more_here = static_cast<bool>(std::getline(lines_here, b));
    if (more_there && more_here && a == b) continue;
    return "there '" + (more_there ? trimmed(a) : "end of text") + "', here '" +
           (more_here ? trimmed(b) : "end of text") + "'";
  }
}

}  // namespace

RecordedMasks::RecordedMasks(const std::filesystem::path& path, const RecordedWorkload& workload,
                             OperatorNames operators)
    : name_(path.string()), recording_(path), operators_(std::move(operators)) {
  const RecordedWorkload& recorded = recording_.workload();
  if (recorded.name != workload.name) {
    throw ConfigError(name_,
                      "was recorded with workload '" + recorded.name + "', this run has '" + workload.name + "'");
  }
  if (recorded.text != workload.text) {
    throw ConfigError(name_, "was recorded with other settings of workload '" + workload.name +
                                 "': " + first_difference(recorded.text, workload.text));
  }
}

std::string RecordedMasks::mistake(const MaskRequest& request) const {
  const std::string place = describe_tag(operators_, request.tag);
  if (request.opcode == 0) return "no command made the mask that " + place + " reads";
  const std::string maker = opcode_name(request.opcode) + " (" + place + "), repetition " +
                            std::to_string(request.ordinal) + ", operand " + std::to_string(request.operand);
  const MaskRecording::Entry* entry = recording_.find(request);
  if (entry == nullptr) return "has no mask of " + maker;
  if (size_of(entry->request) == size_of(request)) return {};
  return "has a mask of " + size_of(entry->request) + " for " + maker + ", which makes one of " + size_of(request);
}

std::unique_ptr<MaskSource> RecordedMasks::mask(const MaskRequest& request) const {
  std::string reason = mistake(request);
  if (reason.empty()) {
    try {
      return std::make_unique<WholeMask>(recording_.bits(*recording_.find(request)));
    } catch (const ConfigError& error) {
      reason = error.what();
    }
  } else {
    reason = name_ + ": " + reason;
  }
  if (!told_) on_mistake(reason);
  told_ = true;
  return std::make_unique<StatisticalMask>(1.0, 0);
}

}  // namespace dixion
