// Pauses that hold no thread.
#pragma once

#include <chrono>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

// Resumes on the caller's executor, not before `time` has passed.
Task<void> Sleep(std::chrono::milliseconds time);

// Lets whatever else waits for the caller's executor go first. For loops that might never have to
// wait.
Task<void> Yield();

}  // namespace coffer::runtime
