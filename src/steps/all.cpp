#include "steps/all.h"

#include "steps/eval/eval.h"
#include "steps/exec/exec.h"
#include "steps/gate/gate.h"

namespace llmops::steps {

const step::Kinds& all() {
  static const step::Kinds kinds({&eval::kind(), &gate::kind(), &exec::kind()});
  return kinds;
}

}  // namespace llmops::steps
