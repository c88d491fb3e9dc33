// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace dixion::test {

/// A result folder written by hand, removed at the end.
class RunDirectory {
 public:
  explicit RunDirectory(const std::string& name) : path_(testing::TempDir() + "dixion-compare-" + name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    write("result.json", R"({"schema": 2, "verdict": "passed", "reason": "r", "soc": "s", "workload": "w",
                             "mode": "functional", "simulated_time_ps": 1000})");
    write("statistics.json", R"({"schema": 2, "statistics": [{"name": "energy.total", "value": 90}]})");
    write("layers.csv",
          "step,layer,operator,name,command,commands,accel_cycles,memory_stall_cycles,macs\n"
          "0,0,1,qkv,MATMUL,1,100,40,7\n0,1,2,act,GELU,2,10,1,0\n0,,16383,,CALL,1,999,0,0\n"
          ",,3,out,DMA_COPY,1,5,0,0\n");
    write("configuration.textproto", "accelerator {\n  cores: 4\n}\n");
  }
  ~RunDirectory() { std::filesystem::remove_all(path_); }
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  void write(const std::string& file, const std::string& content) const {
    std::ofstream(path_ + "/" + file) << content;
  }
  void remove(const std::string& file) const { std::filesystem::remove(path_ + "/" + file); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace dixion::test
