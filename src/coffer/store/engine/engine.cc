#include "coffer/store/engine/engine.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "coffer/base/check.h"
#include "coffer/store/engine/blob_directory.h"
#include "coffer/store/engine/blob_format.h"
#include "coffer/store/engine/blob_hasher.h"
#include "coffer/store/engine/blob_reader.h"
#include "coffer/store/engine/blob_source.h"
#include "coffer/store/engine/hash_pairs.h"
#include "coffer/store/engine/pack_format.h"
#include "coffer/store/engine/packed_source.h"
#include "coffer/store/engine/packs.h"
#include "coffer/store/engine/staged_blob.h"

namespace coffer::store {
namespace {

using engine::Access;
using engine::BlobDirectory;
using engine::BlobHasher;
using engine::BlobReader;
using engine::BlobSource;
using engine::PackKey;
using engine::Packs;
using engine::StagedBlob;
using runtime::BlockingPool;
using runtime::Buffer;
using runtime::BufferPool;

// Hashing less than this costs about as much as a hop to another thread and back.
constexpr size_t kInPlaceBytes = 64_KiB;

// Reads until `out` is full or the source ends.
Task<Result<size_t>> Fill(ByteSource& source, ByteSpan out) {
    size_t filled = 0;
    while (filled < out.size()) {
        CO_TRY(const size_t got, co_await source.Read(out.subspan(filled)));
        if (got == 0) break;
        filled += got;
    }
    co_return filled;
}

// What the client promised, and a byte more to see the end by.
size_t FirstBufferBytes(const StageHints& hints) {
    constexpr uint64_t kMost = runtime::kBufferBytes;
    return std::min(hints.size_bytes.value_or(kMost), kMost - 1) + 1;
}

class Engine final : public Store, public Compactable {
  public:
    Engine(std::unique_ptr<BlobDirectory> directory, std::unique_ptr<Packs> packs,
           uint64_t pack_limit_bytes, BlockingPool& pool, BufferPool& buffers)
        : directory_(std::move(directory)),
          packs_(std::move(packs)),
          pack_limit_bytes_(std::min(pack_limit_bytes, engine::kMaxPackedBytes)),
          pool_(pool),
          buffers_(buffers) {}

    Task<Result<std::unique_ptr<Staged>>> Stage(ByteSource& source, StageHints hints) override {
        auto blob = std::make_unique<StagedBlob>(pool_);
        BlobHasher hasher(hints);
        CO_TRY(Buffer buffer, buffers_.TakeAtLeast(FirstBufferBytes(hints)));
        CO_TRY(size_t filled, co_await Fill(source, buffer.span()));
        if (filled == buffer.span().size() && filled < runtime::kBufferBytes) {
            CO_TRY(Buffer whole, buffers_.Take());  // more comes than was promised
            std::ranges::copy(buffer.span(), whole.span().begin());
            buffer = std::move(whole);
            CO_TRY(const size_t more, co_await Fill(source, buffer.span().subspan(filled)));
            filled += more;
        }
        if (filled == runtime::kBufferBytes) {
            // One buffer is written and hashed while the next one is filled.
            using namespace boost::asio::experimental::awaitable_operators;
            CO_TRY(Buffer next, buffers_.Take());
            while (filled == runtime::kBufferBytes) {
                auto [appended, refilled] =
                    co_await (Append(*blob, hasher, buffer.span()) && Fill(source, next.span()));
                CO_TRY(std::move(appended));
                CO_TRY(filled, std::move(refilled));
                std::swap(buffer, next);
            }
        }
        CO_TRY(Digests digests, co_await HashRest(hasher, buffer.span().first(filled)));
        blob->Finish(std::move(digests), hasher.TakeTable(), std::move(buffer), filled);
        co_return blob;
    }

    Task<Result<std::string>> Commit(std::unique_ptr<Staged> staged) override {
        auto* blob = dynamic_cast<StagedBlob*>(staged.get());
        COFFER_CHECK(blob != nullptr);
        if (pack_limit_bytes_ > 0 && blob->digests().size_bytes <= pack_limit_bytes_) {
            CO_TRY(const PackKey key,
                   co_await packs_->Append({blob->digests().sha256, blob->body(), blob->table()}));
            co_return engine::ToString(key);
        }
        CO_TRY(co_await pool_.Run([&] { return blob->Publish(*directory_); }));
        co_return engine::KeyOf(blob->digests().sha256);
    }

    Task<Result<std::unique_ptr<ByteSource>>> Read(std::string key, ByteRange range) override {
        if (const auto packed = engine::ParsePackKey(key)) {
            co_return co_await ReadPacked(*packed, range);
        }
        const auto sha256 = engine::ParseKey(key);
        if (!sha256) co_return NoSuchCopy();
        CO_TRY(Buffer buffer, buffers_.Take());
        ByteView piece;
        const auto open = [&](Access access) -> Result<BlobReader> {
            TRY(std::unique_ptr<os::File> file, directory_->OpenBlob(*sha256, access));
            return BlobReader::Open(std::move(file), *sha256, range, buffer.span(), piece, access);
        };
        // To take it from the system's cache costs less than a hop.
        Result<BlobReader> reader = open(Access::kCached);
        if (!reader && reader.error().kind() == ErrorKind::kBusy) {
            reader = co_await pool_.Run([&] { return open(Access::kBlocking); });
        }
        if (!reader) co_return reader.error();
        co_return std::make_unique<BlobSource>(pool_, buffers_, std::move(reader.value()),
                                               std::move(buffer), piece);
    }

    Task<Result<>> Remove(std::string key) override {
        if (const auto packed = engine::ParsePackKey(key)) {
            co_return co_await pool_.Run([&] { return packs_->Remove(*packed); });
        }
        const auto sha256 = engine::ParseKey(key);
        if (!sha256) co_return NoSuchCopy();
        co_return co_await pool_.Run([&] { return directory_->Remove(*sha256); });
    }

    Task<Result<std::string>> Quarantine(std::string key, std::string note) override {
        if (const auto packed = engine::ParsePackKey(key)) {
            co_return co_await pool_.Run([&] { return packs_->SetAside(*packed, note); });
        }
        const auto sha256 = engine::ParseKey(key);
        if (!sha256) co_return NoSuchCopy();
        co_return co_await pool_.Run([&] { return directory_->SetAside(*sha256, note); });
    }

    Task<Result<>> SyncRemovals() override {
        co_return co_await pool_.Run([&]() -> Result<> {
            TRY(packs_->SyncRemovals());
            return directory_->SyncRemovals();
        });
    }

    Task<Result<CopyStat>> Stat(std::string key) override {
        if (const auto packed = engine::ParsePackKey(key)) {
            Result<CopyStat> stat = packs_->Stat(*packed, Access::kCached);
            if (stat || stat.error().kind() != ErrorKind::kBusy) co_return stat;
            co_return co_await pool_.Run([&] { return packs_->Stat(*packed, Access::kBlocking); });
        }
        const auto sha256 = engine::ParseKey(key);
        if (!sha256) co_return NoSuchCopy();
        co_return co_await pool_.Run([&]() -> Result<CopyStat> {
            TRY(const std::unique_ptr<os::File> file,
                directory_->OpenBlob(*sha256, Access::kBlocking));
            TRY(const engine::Footer footer, engine::ReadFooter(*file, *sha256));
            return CopyStat{footer.size_bytes, footer.sha256};
        });
    }

    Task<Result<ListPage>> List(std::string cursor, size_t limit) override {
        co_return co_await pool_.Run([&]() -> Result<ListPage> {
            if (cursor >= Packs::kFirstKey) return packs_->List(cursor, limit);
            TRY(ListPage page, directory_->List(cursor, limit));
            if (!page.next_cursor.empty()) return page;
            // After the last of the files come the packs.
            page.next_cursor = Packs::kFirstKey;
            if (page.copies.size() == limit) return page;
            TRY(ListPage packed, packs_->List("", limit - page.copies.size()));
            std::ranges::move(packed.copies, std::back_inserter(page.copies));
            page.next_cursor = std::move(packed.next_cursor);
            std::ranges::move(packed.left_out, std::back_inserter(page.left_out));
            return page;
        });
    }

    Task<Result<Fragmented>> ListFragmented(size_t limit) override {
        co_return co_await pool_.Run([&] { return packs_->ListFragmented(limit); });
    }

    Task<Result<std::vector<Move>>> Relocate(std::vector<std::string> keys) override {
        CO_TRY(Buffer buffer, buffers_.Take());
        std::vector<Move> moves;
        for (size_t next = 0; next < keys.size();) {
            // As many as fit into the buffer share one sync.
            std::vector<engine::Packs::Loaded> loaded;
            CO_TRY(next, co_await pool_.Run(
                             [&] { return packs_->Load(keys, next, buffer.span(), loaded); }));
            CO_TRY(const std::vector<PackKey> written, co_await packs_->AppendAll(loaded));
            for (size_t i = 0; i < loaded.size(); ++i)
                moves.push_back({loaded[i].key, engine::ToString(written[i])});
        }
        co_return moves;
    }

    void SetStuck(std::string_view key, const Error& why) override {
        if (const auto packed = engine::ParsePackKey(key)) packs_->SetStuck(packed->segment, why);
    }

    void Defer(std::string_view key) override {
        if (const auto packed = engine::ParsePackKey(key)) packs_->Defer(packed->segment);
    }

    PackStats GetPackStats() const override { return packs_->stats(); }

    Capabilities GetCapabilities() const override { return {.sign = false, .local = true}; }

  private:
    static Error NoSuchCopy() { return Error(ErrorKind::kNotFound, "the engine has no such copy"); }

    Task<Result<std::unique_ptr<ByteSource>>> ReadPacked(PackKey key, ByteRange range) {
        CO_TRY(Buffer buffer, buffers_.TakeAtLeast(engine::RecordBytes(key.size_bytes)));
        const auto read = [&](Access access) {
            return packs_->Read(key, range, buffer.span(), access);
        };
        // To take it from the system's cache costs less than a hop.
        Result<ByteView> content = read(Access::kCached);
        if (!content && content.error().kind() == ErrorKind::kBusy) {
            content = co_await pool_.Run([&] { return read(Access::kBlocking); });
        }
        if (!content) co_return content.error();
        co_return std::make_unique<engine::PackedSource>(std::move(buffer), content.value());
    }

    Task<Result<>> Append(StagedBlob& blob, BlobHasher& hasher, ByteView data) {
        co_return co_await pool_.Run([&]() -> Result<> {
            engine::HashPairs::Piece piece(hash_pairs_, hasher, data);
            TRY(blob.Append(*directory_, data));
            piece.Finish();
            return Ok();
        });
    }

    Task<Result<Digests>> HashRest(BlobHasher& hasher, ByteView rest) {
        if (rest.size() <= kInPlaceBytes) {
            hasher.Update(rest);
            co_return hasher.Finish();
        }
        co_return co_await pool_.Run([&]() -> Result<Digests> {
            engine::HashPairs::Piece(hash_pairs_, hasher, rest).Finish();
            return hasher.Finish();
        });
    }

    const std::unique_ptr<BlobDirectory> directory_;
    const std::unique_ptr<Packs> packs_;
    const uint64_t pack_limit_bytes_;
    BlockingPool& pool_;
    BufferPool& buffers_;
    engine::HashPairs hash_pairs_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenEngine(os::FileSystem& file_system, std::string directory,
                                          runtime::BlockingPool& pool, runtime::BufferPool& buffers,
                                          EngineOptions options) {
    TRY(auto packs, Packs::Open(file_system, directory, options.packs));
    TRY(auto blobs, BlobDirectory::Open(file_system, std::move(directory)));
    return std::make_unique<Engine>(std::move(blobs), std::move(packs), options.pack_limit_bytes,
                                    pool, buffers);
}

}  // namespace coffer::store
