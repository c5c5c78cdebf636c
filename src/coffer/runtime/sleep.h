// A pause that holds no thread.
#pragma once

#include <chrono>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

// Resumes on the caller's executor, not before `time` has passed.
Task<void> Sleep(std::chrono::milliseconds time);

}  // namespace coffer::runtime
