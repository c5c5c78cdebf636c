#include "coffer/store/engine/staged_blob.h"

#include <utility>

#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {

StagedBlob::~StagedBlob() {
    if (file_ == nullptr) return;
    std::shared_ptr<os::File> file = std::move(file_);
    (void)pool_.TryPost([file] {});  // a full queue: it is closed here
}

Result<> StagedBlob::Append(BlobDirectory& directory, ByteView data) {
    if (file_ == nullptr) {
        TRY(file_, directory.CreateTemporary());
        file_->WriteDirectly();  // whole buffers, which are aligned
    }
    TRY(file_->WriteAt(written_bytes_, data));
    written_bytes_ += data.size();
    return Ok();
}

void StagedBlob::Finish(Digests digests, Bytes table, runtime::Buffer buffer, size_t rest) {
    digests_ = std::move(digests);
    table_ = std::move(table);
    buffer_ = std::move(buffer);
    rest_bytes_ = rest;
}

Result<> StagedBlob::Publish(BlobDirectory& directory) {
    if (file_ == nullptr) {
        TRY(file_, directory.CreateTemporary());
    }
    TRY(file_->WriteAt(written_bytes_, body()));
    const auto footer = EncodeFooter({digests_.size_bytes, digests_.sha256});
    table_.insert(table_.end(), footer.begin(), footer.end());
    TRY(file_->WriteAt(digests_.size_bytes, table_));
    TRY(directory.Publish(*file_, digests_.sha256));
    file_.reset();
    return Ok();
}

}  // namespace coffer::store::engine
