#include <doctest/doctest.h>

#include "fakes/memory_file_system.h"
#include "model/llama/threads.h"

namespace llmops::model::llama {
namespace {

TEST_SUITE("model/llama/threads") {
TEST_CASE("a control group's share of CPUs limits the threads") {
  CHECK(allowed_cpus("150000 100000\n", 64) == 2);
  CHECK(allowed_cpus("200000 100000\n", 64) == 2);
  CHECK(allowed_cpus("50000 100000\n", 64) == 1);
  CHECK(allowed_cpus("6400000 100000\n", 8) == 8);
}

TEST_CASE("without a limit, or one that can't be read, all CPUs count") {
  CHECK(allowed_cpus("max 100000\n", 8) == 8);
  CHECK(allowed_cpus("", 8) == 8);
  CHECK(allowed_cpus("0 0", 8) == 8);
  CHECK(allowed_cpus("what is this", 8) == 8);
  CHECK(allowed_cpus("", 0) == 1);
}

TEST_CASE("the limit is read from the control group's file") {
  fakes::MemoryFileSystem files;
  files.put("/sys/fs/cgroup/cpu.max", "100000 100000\n");

  CHECK(usable_cpus(files) == 1);
}
}

}  // namespace
}  // namespace llmops::model::llama
