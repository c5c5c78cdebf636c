#include "coffer/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace coffer {

void Fatal(std::string_view message, const char* file, int line) {
    std::fprintf(stderr, "coffer: fatal: %.*s (%s:%d)\n", static_cast<int>(message.size()),
                 message.data(), file, line);
    std::abort();
}

}  // namespace coffer
