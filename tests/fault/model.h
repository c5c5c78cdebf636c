// What the services promise, as a few maps: the oracle of the model tests. It has no bytes on a
// disk, no references and no time; so what it answers can be read off its code.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/digest.h"

#include "tests/fault/operation.h"

namespace coffer::testing {

// What the arguments of operations name. Few keys and few contents, so that overwrites, equal
// contents and copies onto themselves happen all the time.
std::string_view KeyAt(uint32_t index);
std::string_view PrefixAt(uint32_t index);
std::string_view DelimiterAt(uint32_t index);
size_t PageAt(uint32_t index);
int PartAt(uint32_t index);
uint64_t OffsetAt(uint32_t index);
uint64_t LengthAt(uint32_t index);
bool IsEncrypted(const Operation& operation);  // what it puts, copies or creates: by SSE-S3

// What rules of the bucket are about.
inline constexpr std::string_view kExpiringPrefix = "a/";

// Bytes and what is known of them.
struct Content {
    std::shared_ptr<const std::string> bytes;
    std::string etag;
    // The blobs that they lie in, in their order, and how many bytes of each.
    struct Piece {
        codec::Sha256Digest blob;
        uint64_t size_bytes;
        bool operator==(const Piece&) const = default;
    };
    std::vector<Piece> pieces;
    bool encrypted = false;  // all of them
    int upload = -1;         // that it is the object of: an index

    bool operator==(const Content&) const = default;
};
const Content& ContentAt(uint32_t index);
const Content& LargeContent();

// One line for what a client is told of an object: size, ETag and a hash of its bytes.
std::string Summary(const Content& content);
std::string Summary(std::string_view bytes, std::string_view etag);

// A listing as one line.
std::string ListingLine(const std::vector<std::string>& keys,
                        const std::vector<std::string>& prefixes);

class Model {
  public:
    struct Upload {
        std::string key;
        std::map<int, Content> parts;
        bool encrypted = false;
        bool open = true;
        bool operator==(const Upload&) const = default;
    };

    // The answer to an operation: "ok", and what there is to tell; or S3's code of an error.
    std::string Do(const Operation& operation);

    // Upload `index` modulo how many there are, open or not; null where there is none.
    const Upload* UploadAt(uint32_t index) const;
    size_t upload_count() const { return uploads_.size(); }

    // Also in what can't be seen of it.
    bool operator==(const Model&) const = default;

    // All that can be seen of it, as text of a fixed order: equal states, equal texts. The empty
    // blob is left out.
    std::string Describe() const;

  private:
    void Tell(const std::string& key, const std::string& event);
    void Delete(const std::string& key);
    void Expire();
    std::string Put(const Operation& operation, const Content& content);
    std::string Get(const Operation& operation) const;
    std::string GetRange(const Operation& operation) const;
    std::string List(const Operation& operation) const;
    std::string Copy(const Operation& operation);
    std::string PutPart(const Operation& operation);
    std::string CopyPart(const Operation& operation);
    std::string Complete(const Operation& operation);
    Upload* FindOpen(uint32_t index);

    std::map<std::string, Content, std::less<>> objects_;
    std::vector<Upload> uploads_;  // in the order in which they were made

    // By key, in the order in which they happened. Nobody takes them, so that all stay to be seen.
    std::map<std::string, std::vector<std::string>, std::less<>> events_;
};

}  // namespace coffer::testing
