#include "model/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace llmops::model {

std::string missing_instructions() {
  std::string missing;
#if defined(__x86_64__)
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool f16c =
      __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;  // clang 14's builtin has no name for it
  if (!__builtin_cpu_supports("avx2")) missing += " AVX2";
  if (!__builtin_cpu_supports("fma")) missing += " FMA";
  if (!f16c) missing += " F16C";
  if (!__builtin_cpu_supports("bmi2")) missing += " BMI2";
#endif
  return missing;
}

}  // namespace llmops::model
