#include "tests/fault/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

#include "coffer/codec/hex.h"
#include "coffer/service/uploads.h"

#include "tests/support/random_bytes.h"

namespace coffer::testing {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"a", "a/b", "a/c", "b/x/y", "b", "\xc3\xa9/.."};
constexpr std::array<std::string_view, 4> kPrefixes = {"", "a", "a/", "b/"};
constexpr std::array<std::string_view, 2> kDelimiters = {"", "/"};
constexpr std::array<size_t, 3> kPages = {1000, 1, 2};

// Of no byte, of less than a chunk, about a chunk, more than a buffer.
constexpr std::array<size_t, 10> kSizes = {500, 1, 0, 4096, 37, 65'537, 9000, 280'000, 1000, 5000};
constexpr std::array<uint64_t, 5> kOffsets = {0, 1, 499, 65'535, 65'536};
constexpr std::array<uint64_t, 4> kLengths = {1, 2, 70'000, 1'000'000};

template <class T, size_t N>
const T& Pick(const std::array<T, N>& choices, uint32_t index) {
    return choices[index % N];
}

std::string Md5Hex(std::string_view bytes) {
    return codec::ToHex(codec::Md5(AsBytes(bytes)));
}

Content Put(std::string bytes) {
    Content content;
    content.etag = Md5Hex(bytes);
    content.pieces = {{codec::Sha256(AsBytes(bytes)), bytes.size()}};
    content.bytes = std::make_shared<const std::string>(std::move(bytes));
    return content;
}

// What lies from `offset` on; an empty piece is nobody's.
Content From(const Content& whole, uint64_t offset) {
    Content content;
    content.bytes = std::make_shared<const std::string>(whole.bytes->substr(offset));
    content.etag = Md5Hex(*content.bytes);
    for (const Content::Piece& piece : whole.pieces) {
        const uint64_t skipped = std::min(offset, piece.size_bytes);
        offset -= skipped;
        if (piece.size_bytes > skipped)
            content.pieces.push_back({piece.blob, piece.size_bytes - skipped});
    }
    return content;
}

}  // namespace

bool IsEncrypted(const Operation& operation) {
    return operation.d % 2 == 1;
}

std::string_view KeyAt(uint32_t index) {
    return Pick(kKeys, index);
}
std::string_view PrefixAt(uint32_t index) {
    return Pick(kPrefixes, index);
}
std::string_view DelimiterAt(uint32_t index) {
    return Pick(kDelimiters, index);
}
size_t PageAt(uint32_t index) {
    return Pick(kPages, index);
}
int PartAt(uint32_t index) {
    return 1 + static_cast<int>(index % 3);
}
uint64_t OffsetAt(uint32_t index) {
    return Pick(kOffsets, index);
}
uint64_t LengthAt(uint32_t index) {
    return Pick(kLengths, index);
}

const Content& ContentAt(uint32_t index) {
    static const auto contents = [] {
        std::array<Content, kSizes.size()> made;
        for (size_t i = 0; i < kSizes.size(); ++i)
            made[i] = testing::Put(RandomText(kSizes[i], i));
        return made;
    }();
    return Pick(contents, index);
}

const Content& LargeContent() {
    static const Content content = testing::Put(RandomText(service::kMinPartBytes, 99));
    return content;
}

std::string Summary(std::string_view bytes, std::string_view etag) {
    return fmt::format("{} bytes {} {:016x}", bytes.size(), etag,
                       std::hash<std::string_view>{}(bytes));
}

std::string Summary(const Content& content) {
    return Summary(*content.bytes, content.etag);
}

std::string ListingLine(const std::vector<std::string>& keys,
                        const std::vector<std::string>& prefixes) {
    return fmt::format("ok keys [{}] prefixes [{}]", fmt::join(keys, " "),
                       fmt::join(prefixes, " "));
}

std::string Model::Do(const Operation& operation) {
    const std::string key(KeyAt(operation.a));
    switch (operation.action) {
        case Action::kPut:
            return Put(operation, ContentAt(operation.b));
        case Action::kPutLarge:
            return Put(operation, LargeContent());
        case Action::kPutIfAbsent:
            if (objects_.contains(key)) return "PreconditionFailed";
            return Put(operation, ContentAt(operation.b));
        case Action::kPutIfMatch:
            if (!objects_.contains(key)) return "NoSuchKey";
            if (objects_[key].etag != ContentAt(operation.c).etag) return "PreconditionFailed";
            return Put(operation, ContentAt(operation.b));
        case Action::kDelete:
            Delete(key);
            return "ok";
        case Action::kDeleteMany:
            for (uint32_t i = 0; i < operation.b; ++i)
                Delete(std::string(KeyAt(operation.a + i)));
            return "ok";
        case Action::kGet:
            return Get(operation);
        case Action::kGetRange:
            return GetRange(operation);
        case Action::kList:
            return List(operation);
        case Action::kCopy:
            return Copy(operation);
        case Action::kCreateUpload:
            uploads_.push_back({key, {}, IsEncrypted(operation), true});
            return "ok";
        case Action::kPutPart:
            return PutPart(operation);
        case Action::kCopyPart:
            return CopyPart(operation);
        case Action::kComplete:
            return Complete(operation);
        case Action::kAbort: {
            Upload* upload = FindOpen(operation.a);
            if (upload == nullptr) return "NoSuchUpload";
            upload->open = false;
            upload->parts.clear();
            return "ok";
        }
        case Action::kExpire:
            Expire();
            return "ok";
        case Action::kReclaim:
        case Action::kCompact:
        case Action::kRestart:
        case Action::kScrub:
        case Action::kNothing:
            return "ok";
    }
    return "?";
}

void Model::Tell(const std::string& key, const std::string& event) {
    events_[key].push_back(event);
}

// What was not there is no event.
void Model::Delete(const std::string& key) {
    if (objects_.erase(key) > 0) Tell(key, "Delete");
}

void Model::Expire() {
    const auto goes = [](const std::string& key) { return key.starts_with(kExpiringPrefix); };
    std::vector<std::string> gone;
    for (const auto& [key, content] : objects_)
        if (goes(key)) gone.push_back(key);
    for (const std::string& key : gone)
        Delete(key);
    for (Upload& upload : uploads_) {
        if (!upload.open || !goes(upload.key)) continue;
        upload.open = false;
        upload.parts.clear();
    }
}

std::string Model::Put(const Operation& operation, const Content& content) {
    Content& object = objects_[std::string(KeyAt(operation.a))] = content;
    object.encrypted = IsEncrypted(operation);
    Tell(std::string(KeyAt(operation.a)), "Put " + content.etag);
    return "ok " + content.etag;
}

std::string Model::Get(const Operation& operation) const {
    const auto found = objects_.find(KeyAt(operation.a));
    return found == objects_.end() ? "NoSuchKey" : "ok " + Summary(found->second);
}

std::string Model::GetRange(const Operation& operation) const {
    const auto found = objects_.find(KeyAt(operation.a));
    if (found == objects_.end()) return "NoSuchKey";
    const std::string& bytes = *found->second.bytes;
    if (OffsetAt(operation.b) >= bytes.size()) return "InvalidRange";
    return "ok " +
           Summary(bytes.substr(OffsetAt(operation.b), LengthAt(operation.c)), found->second.etag);
}

std::string Model::List(const Operation& operation) const {
    const std::string_view prefix = PrefixAt(operation.a);
    const std::string_view delimiter = DelimiterAt(operation.b);
    std::vector<std::string> keys;
    std::set<std::string> prefixes;
    for (const auto& [key, content] : objects_) {
        if (!key.starts_with(prefix)) continue;
        const size_t end =
            delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        if (end == std::string::npos) {
            keys.push_back(key);
        } else {
            prefixes.insert(key.substr(0, end + delimiter.size()));
        }
    }
    return ListingLine(keys, {prefixes.begin(), prefixes.end()});
}

std::string Model::Copy(const Operation& operation) {
    const std::string from(KeyAt(operation.a));
    const std::string to(KeyAt(operation.b));
    if (from == to && operation.c % 2 == 0) return "InvalidRequest";
    const auto found = objects_.find(from);
    if (found == objects_.end()) return "NoSuchKey";
    Content content = found->second;
    content.upload = -1;
    // An object of parts keeps what it is: see subject.cc.
    if (content.etag.find('-') == std::string::npos) content.encrypted = IsEncrypted(operation);
    objects_[to] = content;
    Tell(to, "Copy " + content.etag);
    return "ok " + content.etag;
}

const Model::Upload* Model::UploadAt(uint32_t index) const {
    return uploads_.empty() ? nullptr : &uploads_[index % uploads_.size()];
}

Model::Upload* Model::FindOpen(uint32_t index) {
    if (uploads_.empty()) return nullptr;
    Upload& upload = uploads_[index % uploads_.size()];
    return upload.open ? &upload : nullptr;
}

std::string Model::PutPart(const Operation& operation) {
    Upload* upload = FindOpen(operation.a);
    if (upload == nullptr) return "NoSuchUpload";
    Content content = ContentAt(operation.c);
    content.encrypted = upload->encrypted;
    upload->parts[PartAt(operation.b)] = content;
    return "ok " + content.etag;
}

std::string Model::CopyPart(const Operation& operation) {
    Upload* upload = FindOpen(operation.a);
    if (upload == nullptr) return "NoSuchUpload";
    const auto found = objects_.find(KeyAt(operation.c));
    if (found == objects_.end()) return "NoSuchKey";
    const bool cut = operation.d % 2 == 1 && found->second.bytes->size() > 1;
    Content content = From(found->second, cut ? 1 : 0);
    // Encrypted anew, or no more: a blob of its own.
    if (found->second.encrypted != upload->encrypted)
        content = coffer::testing::Put(*content.bytes);
    content.encrypted = upload->encrypted;
    const std::string etag = content.etag;
    upload->parts[PartAt(operation.b)] = std::move(content);
    return "ok " + etag;
}

std::string Model::Complete(const Operation& operation) {
    if (uploads_.empty()) return "NoSuchUpload";
    const size_t index = operation.a % uploads_.size();
    Upload& upload = uploads_[index];
    std::map<int, Content> selected = upload.parts;
    selected.erase(PartAt(operation.b));
    if (selected.empty()) selected = upload.parts;
    if (selected.empty()) return "MalformedXML";
    if (!upload.open) {
        // A repetition answers as the first one did, while its object is what is there.
        const auto now = objects_.find(upload.key);
        const bool there = now != objects_.end() && now->second.upload == static_cast<int>(index);
        const bool same = selected.size() == upload.parts.size();
        return there && same ? "ok " + now->second.etag : "NoSuchUpload";
    }
    Content whole;
    std::string bytes;
    std::string digests;
    for (const auto& [number, part] : selected) {
        if (number != selected.rbegin()->first && part.bytes->size() < service::kMinPartBytes)
            return "EntityTooSmall";
        bytes += *part.bytes;
        digests += codec::FromHex(part.etag).value();
        std::ranges::copy(part.pieces, std::back_inserter(whole.pieces));
    }
    whole.etag = fmt::format("{}-{}", Md5Hex(digests), selected.size());
    whole.bytes = std::make_shared<const std::string>(std::move(bytes));
    whole.encrypted = upload.encrypted;
    whole.upload = static_cast<int>(index);
    objects_[upload.key] = whole;
    Tell(upload.key, "CompleteMultipartUpload " + whole.etag);
    upload.parts = std::move(selected);
    upload.open = false;
    return "ok " + whole.etag;
}

std::string Model::Describe() const {
    std::string text;
    std::set<std::string> blobs;
    const auto note = [&](const Content& content) {
        // Whether an empty part came by itself or was copied can't be seen, but only the one that
        // came refers to the empty blob.
        for (const Content::Piece& piece : content.pieces) {
            if (piece.size_bytes > 0)
                blobs.insert(codec::ToHex(piece.blob) + (content.encrypted ? " encrypted" : ""));
        }
    };
    for (const auto& [key, content] : objects_) {
        text += fmt::format("object {}: {}\n", key, Summary(content));
        note(content);
    }
    std::multimap<std::string, const Upload*> open;  // of one key: as they were made
    for (const Upload& upload : uploads_) {
        if (upload.open) open.emplace(upload.key, &upload);
    }
    for (const auto& [key, upload] : open) {
        text += fmt::format("upload of {}:", key);
        for (const auto& [number, part] : upload->parts) {
            text += fmt::format(" {}={}:{}", number, part.bytes->size(), part.etag);
            note(part);
        }
        text += "\n";
    }
    for (const std::string& blob : blobs)
        text += fmt::format("blob {}\n", blob);
    for (const auto& [key, events] : events_)
        text += fmt::format("events of {}: {}\n", key, fmt::join(events, ", "));
    return text;
}

}  // namespace coffer::testing
