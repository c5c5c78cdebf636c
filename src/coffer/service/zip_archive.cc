#include "coffer/service/zip_archive.h"

#include <algorithm>
#include <map>
#include <utility>

#include "coffer/codec/inflate.h"
#include "coffer/service/roll_up.h"

namespace coffer::service {
namespace {

constexpr size_t kBufferBytes = 64_KiB;

Error Damaged() {
    return Error(ErrorKind::kCorrupt, "a file in an archive is not what its directory says");
}

// The content of an entry: checked against its size and its CRC before the last of it is given.
class ZipContent final : public ByteSource {
  public:
    ZipContent(codec::ZipEntry entry, std::unique_ptr<ByteSource> source)
        : entry_(std::move(entry)), source_(std::move(source)) {
        if (entry_.method == codec::ZipMethod::kDeflated)
            inflater_ = std::make_unique<codec::Inflater>();
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        const uint64_t left = entry_.size_bytes - given_;
        if (left == 0) co_return size_t{0};
        out = out.first(std::min<uint64_t>(out.size(), left));
        size_t produced = 0;
        if (inflater_) {
            CO_TRY(produced, co_await Inflate(out));
        } else {
            CO_TRY(produced, co_await source_->Read(out));
        }
        if (produced == 0) co_return Damaged();
        crc_->Update(out.first(produced));
        given_ += produced;
        if (given_ == entry_.size_bytes && crc_->Finish() != ExpectedCrc()) co_return Damaged();
        co_return produced;
    }

  private:
    Task<Result<size_t>> Inflate(ByteSpan out) {
        while (true) {
            if (begin_ == end_) {
                buffer_.resize(kBufferBytes);
                begin_ = 0;
                CO_TRY(end_, co_await source_->Read(buffer_));
            }
            CO_TRY(const auto step,
                   inflater_->Inflate(ByteView(buffer_).subspan(begin_, end_ - begin_), out));
            begin_ += step.consumed;
            if (step.produced > 0) co_return step.produced;
            if (step.done || step.consumed == 0) co_return size_t{0};
        }
    }

    std::string ExpectedCrc() const {
        std::string raw;
        for (int shift = 24; shift >= 0; shift -= 8)
            raw += static_cast<char>(entry_.crc32 >> shift);
        return raw;
    }

    const codec::ZipEntry entry_;
    std::unique_ptr<ByteSource> source_;
    std::unique_ptr<codec::Inflater> inflater_;
    std::unique_ptr<codec::Hasher> crc_ = codec::NewHasher(codec::ChecksumAlgorithm::kCrc32);
    std::vector<std::byte> buffer_;
    size_t begin_ = 0;
    size_t end_ = 0;
    uint64_t given_ = 0;
};

// The least names of a page, and one more, of which the page's end is known.
class ZipPage {
  public:
    ZipPage(const ListRequest& request, const VersionInfo& archive, std::string_view owner)
        : request_(request),
          archive_(archive),
          owner_(owner),
          first_(FirstKey(request.prefix, request.delimiter, request.after)) {}

    void Add(const codec::ZipEntry& entry) {
        if (!first_ || entry.name < *first_ || !entry.name.starts_with(request_.prefix) ||
            entry.name.ends_with('/') || !codec::ObjectKey::Parse(entry.name))
            return;
        const auto prefix = CommonPrefix(entry.name, request_.prefix, request_.delimiter);
        const std::string_view shown = prefix.value_or(entry.name);
        if (found_.size() > request_.limit && shown > found_.rbegin()->first) return;
        std::optional<File> file;
        if (!prefix) file = File{entry.size_bytes, entry.modified};
        found_.try_emplace(std::string(shown), file);
        if (found_.size() > request_.limit + 1) found_.erase(std::prev(found_.end()));
    }

    ListResult Take() {
        ListResult result;
        const ListedVersion of_archive{.version_id = result.texts.Keep(archive_.version_id),
                                       .owner = result.texts.Keep(owner_),
                                       .etag = result.texts.Keep(archive_.etag)};
        const auto no_headers = std::make_shared<const ObjectHeaders>();
        for (const auto& [name, file] : found_) {
            result.truncated =
                result.objects.size() + result.common_prefixes.size() == request_.limit;
            if (result.truncated) break;
            result.last = result.texts.Keep(name);
            if (!file) {
                result.common_prefixes.push_back(result.last);
                continue;
            }
            ListedVersion& listed = result.objects.emplace_back(of_archive);
            listed.key = result.last;
            listed.size_bytes = file->size_bytes;
            listed.modified = file->modified;
            if (request_.with_headers) listed.headers = no_headers;
        }
        return result;
    }

  private:
    struct File {
        uint64_t size_bytes = 0;
        Timestamp modified;
    };

    const ListRequest& request_;
    const VersionInfo& archive_;
    const std::string_view owner_;
    const std::optional<std::string> first_;            // nothing where no name can follow
    std::map<std::string, std::optional<File>> found_;  // nothing for a common prefix
};

}  // namespace

Task<Result<ZipArchive>> ZipArchive::Open(Objects& objects, GetRequest request) {
    request.with_body = false;
    CO_TRY(GetResult found, co_await objects.Get(request));
    found.info.headers = {};
    ZipArchive archive(objects, std::move(request), std::move(found.info));
    archive.not_modified_ = found.not_modified;
    archive.request_.with_body = true;
    archive.request_.conditions = ReadConditions();
    archive.request_.conditions.if_match = archive.info_.etag;
    if (archive.info_.versioned) archive.request_.version_id = archive.info_.version_id;
    const uint64_t size = archive.info_.size_bytes;
    const uint64_t tail = std::min(size, codec::kZipTailBytes);
    CO_TRY(const std::string end, co_await archive.ReadText(size - tail, tail));
    CO_TRY(archive.directory_, codec::ReadZipEnd(end, size));
    if (archive.directory_.size_bytes > kMaxZipDirectoryBytes)
        co_return Error(ErrorKind::kInvalid, "InvalidRequest",
                        "The directory of the ZIP archive is larger than 64 MiB.");
    co_return std::move(archive);
}

Task<Result<codec::ZipEntry>> ZipArchive::Find(std::string name) {
    std::optional<codec::ZipEntry> found;
    CO_TRY(co_await Walk([&](codec::ZipEntry entry) {
        if (entry.name != name) return true;
        found = std::move(entry);
        return false;
    }));
    if (!found || name.ends_with('/'))
        co_return Error(ErrorKind::kNotFound, "NoSuchKey", "The specified key does not exist.");
    co_return *std::move(found);
}

Task<Result<std::unique_ptr<ByteSource>>> ZipArchive::Read(codec::ZipEntry entry) {
    if (entry.encrypted || entry.method == codec::ZipMethod::kOther)
        co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                        "Files in ZIP archives are read where they are stored or deflated, and not "
                        "encrypted.");
    if (entry.size_bytes == 0) co_return std::make_unique<runtime::StringSource>("");
    CO_TRY(const std::string header,
           co_await ReadText(entry.header_offset_bytes, codec::kZipHeaderBytes));
    CO_TRY(const uint64_t begin, codec::ReadZipHeader(header, entry, info_.size_bytes));
    if (entry.compressed_bytes == 0) co_return Damaged();
    CO_TRY(auto source, co_await ReadRange(begin, entry.compressed_bytes));
    co_return std::make_unique<ZipContent>(std::move(entry), std::move(source));
}

Task<Result<ListResult>> ZipArchive::List(ListRequest request) {
    // Before the directory, which is read only while the archive is the one that Open found.
    CO_TRY(const codec::Acl acl, co_await objects_->GetAcl({.bucket = request_.bucket,
                                                            .key = request_.key,
                                                            .version_id = request_.version_id,
                                                            .grounds = request_.grounds}));
    ZipPage page(request, info_, acl.owner);
    if (request.limit > 0) {
        CO_TRY(co_await Walk([&](const codec::ZipEntry& entry) {
            page.Add(entry);
            return true;
        }));
    }
    co_return page.Take();
}

Task<Result<>> ZipArchive::Walk(std::function<bool(codec::ZipEntry)> each) {
    uint64_t left = directory_.size_bytes;
    if (left == 0) co_return Ok();
    CO_TRY(const auto source, co_await ReadRange(directory_.offset_bytes, left));
    std::vector<std::byte> buffer(codec::kMaxZipEntryBytes);
    size_t begin = 0;
    size_t end = 0;
    while (begin < end || left > 0) {
        const std::string_view input = AsText(ByteView(buffer).subspan(begin, end - begin));
        codec::ZipEntry entry;
        CO_TRY(const auto taken, codec::ReadZipEntry(input, info_.size_bytes, entry));
        if (taken) {
            begin += *taken;
            if (!each(std::move(entry))) co_return Ok();
            continue;
        }
        std::copy(buffer.begin() + static_cast<long>(begin),
                  buffer.begin() + static_cast<long>(end), buffer.begin());
        end -= std::exchange(begin, 0);
        CO_TRY(const size_t read, co_await source->Read(ByteSpan(buffer).subspan(end)));
        if (read == 0)
            co_return Error(ErrorKind::kInvalid, "InvalidRequest",
                            "The directory of the ZIP archive ends within an entry.");
        end += read;
        left -= read;
    }
    co_return Ok();
}

Task<Result<std::unique_ptr<ByteSource>>> ZipArchive::ReadRange(uint64_t offset, uint64_t length) {
    GetRequest request = request_;
    request.range = codec::RangeSpec{offset, offset + length - 1};
    auto result = co_await objects_->Get(std::move(request));
    if (!result && result.error().kind() == ErrorKind::kPreconditionFailed)
        co_return Error(ErrorKind::kConflict, "OperationAborted",
                        "The archive was replaced while it was read. Please try again.");
    if (!result) co_return result.error();
    co_return std::move(result.value().body);
}

Task<Result<std::string>> ZipArchive::ReadText(uint64_t offset, uint64_t length) {
    if (length == 0) co_return std::string();
    CO_TRY(const auto source, co_await ReadRange(offset, length));
    co_return co_await runtime::ReadAll(*source, length);
}

}  // namespace coffer::service
