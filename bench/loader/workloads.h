// The workloads: PUT, GET, HEAD and DELETE of numbered objects, listings, multipart uploads.
#pragma once

#include <memory>

#include "bench/loader/content.h"
#include "bench/loader/signer.h"
#include "bench/loader/workload.h"

namespace coffer::bench {

// Names of numbered objects, spread over the key space as if drawn at random, so that they come in
// no order that would flatter an index. With `prefixes`, each under one of "p000/", "p001/", …
struct KeySpace {
    std::string bucket;
    unsigned prefixes = 0;

    // It needs no encoding in a path.
    std::string Key(uint64_t number) const;
    std::string Path(uint64_t number) const { return "/" + bucket + "/" + Key(number); }
};

// The body of each object is that of the same number. Signers and contents must outlive workloads.
struct ObjectRange {
    KeySpace keys;
    uint64_t first = 0;
    uint64_t count = 0;
};

struct PutOptions {
    bool sign_payload = true;   // the body's digest is signed; otherwise "UNSIGNED-PAYLOAD"
    bool same_content = false;  // all bodies are that of the first object
};

// Each object once.
std::unique_ptr<Workload> NewPuts(const RequestSigner& signer, const Content& content,
                                  const ObjectRange& range, const PutOptions& options);

struct GetOptions {
    bool once = false;         // each object once; otherwise over and over, in the same order
    bool any_content = false;  // only the length is compared
};

// What is kept of a body is compared: all up to 64 KiB, 512 bytes of larger ones, and the length.
std::unique_ptr<Workload> NewGets(const RequestSigner& signer, const Content& content,
                                  const ObjectRange& range, const GetOptions& options);
std::unique_ptr<Workload> NewHeads(const RequestSigner& signer, const ObjectRange& range);

// Each object once.
std::unique_ptr<Workload> NewDeletes(const RequestSigner& signer, const ObjectRange& range);

// ListObjectsV2, pages of 1,000: each connection walks the bucket, and begins again at its end.
// `delimiter`: empty, or one character.
std::unique_ptr<Workload> NewListings(const RequestSigner& signer, std::string bucket,
                                      std::string delimiter);

// Uploads of `parts` parts of the content's size, one upload after another, `count` of them; all
// connections send parts of the same one.
std::unique_ptr<Workload> NewMultiparts(const RequestSigner& signer, const Content& content,
                                        const ObjectRange& range, size_t parts, bool sign_payload);

}  // namespace coffer::bench
