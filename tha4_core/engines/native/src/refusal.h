// What cannot be done, and why.
#pragma once

#include <stdexcept>
#include <string>

#include "tha4_engine.h"

namespace tha4 {

// what(): one sentence that says what, where and what to do.
class Refusal : public std::runtime_error {
  public:
    Refusal(tha4_status status, const std::string& sentence) : std::runtime_error(sentence), status_(status) {}
    tha4_status status() const { return status_; }

  private:
    tha4_status status_;
};

[[noreturn]] inline void refuse(const std::string& sentence) {
    throw Refusal(THA4_INVALID, sentence);
}

// Refuses an argument, or something in a character, unless it is `good`. The sentence is made in any case: with each
// frame, refuse() is for those that are not.
inline void require(bool good, const std::string& sentence) {
    if (!good) refuse(sentence);
}

}  // namespace tha4
