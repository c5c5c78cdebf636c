// Bodies that no two requests share and that nothing compresses, at the cost of one block each.
//
// All bodies of a size are the same random bytes but for the last sixteen, which no other body of
// any loader has. So the SHA-256 of a body is that of its common part, gone on with for one block,
// and a body is sent from one buffer that stays in the cache. Servers that deduplicate whole
// objects or parts find nothing equal; one that cuts them into chunks would.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "coffer/base/bytes.h"

struct evp_md_ctx_st;

namespace coffer::bench {

class Content {
  public:
    static constexpr size_t kTailBytes = 16;
    using Tail = std::array<char, kTailBytes>;

    // Bodies of `size` bytes, at least kTailBytes. `salt` tells this loader's bodies from those of
    // others; a body is known by salt and number alone.
    Content(size_t size, uint64_t salt);
    ~Content();

    size_t size() const { return common_.size() + kTailBytes; }
    ByteView common() const { return common_; }
    Tail TailOf(uint64_t number) const;

    // In hex, of the whole body.
    std::string Sha256Of(uint64_t number) const;

    // Whether `bytes` are those of body `number` from `offset` on.
    bool Matches(uint64_t number, size_t offset, ByteView bytes) const;

  private:
    const uint64_t salt_;
    Bytes common_;
    std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> common_digest_;
};

}  // namespace coffer::bench
