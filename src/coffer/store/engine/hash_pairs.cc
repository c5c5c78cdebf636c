#include "coffer/store/engine/hash_pairs.h"

#include <algorithm>

#include "coffer/codec/md5_sha256_blocks.h"
#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {

HashPairs::Piece::Piece(HashPairs& pairs, BlobHasher& hasher, ByteView data)
    : pairs_(pairs), hasher_(hasher), rest_(data) {
    // Beside others it would cost what it costs alone.
    if (!hasher.can_pair()) return;
    MutexLock lock(pairs_.mutex_);
    pairs_.offered_.push_back(this);
    pairs_.Match();
}

HashPairs::Piece::~Piece() {
    if (!hasher_.can_pair()) return;
    MutexLock lock(pairs_.mutex_);
    pairs_.AwaitLeader(*this);
    std::erase(pairs_.offered_, this);
}

bool HashPairs::Piece::is_done() const {
    MutexLock lock(pairs_.mutex_);
    return state_ == State::kDone;
}

void HashPairs::Piece::Finish() {
    if (!hasher_.can_pair()) {
        hasher_.Update(rest_);
        return;
    }
    MutexLock lock(pairs_.mutex_);
    pairs_.AwaitLeader(*this);
    if (state_ == State::kOffered) pairs_.Lead(*this);
}

void HashPairs::AwaitLeader(Piece& piece) {
    while (piece.state_ == Piece::State::kLed)
        piece.changed_.Wait(mutex_);
}

// Leaves what is offered to those that lead alone.
void HashPairs::Match() {
    while (!offered_.empty() && !alone_.empty()) {
        alone_.back()->partner_ = offered_.front();
        offered_.front()->state_ = Piece::State::kLed;
        alone_.pop_back();
        offered_.pop_front();
    }
}

void HashPairs::Lead(Piece& piece) {
    std::erase(offered_, &piece);
    piece.state_ = Piece::State::kLeads;
    alone_.push_back(&piece);
    while (!piece.rest_.empty()) {
        Match();
        Piece* const partner = piece.partner_;
        mutex_.Unlock();
        Step(piece, partner);
        mutex_.Lock();
        if (partner == nullptr || !partner->rest_.empty()) continue;
        partner->state_ = Piece::State::kDone;
        partner->changed_.NotifyOne();
        piece.partner_ = nullptr;
        alone_.push_back(&piece);
    }
    if (piece.partner_ == nullptr) {
        std::erase(alone_, &piece);
    } else {
        // Its thread may wait for it, or another one may have room.
        piece.partner_->state_ = Piece::State::kOffered;
        piece.partner_->changed_.NotifyOne();
        offered_.push_front(piece.partner_);
    }
    piece.state_ = Piece::State::kDone;
}

// A chunk, so that what is offered meanwhile soon finds its place; or what is left, where that is
// less.
void HashPairs::Step(Piece& leader, Piece* partner) noexcept {
    const auto take = [](Piece& piece, size_t most) {
        const ByteView taken = piece.rest_.first(std::min(piece.rest_.size(), most));
        piece.rest_ = piece.rest_.subspan(taken.size());
        return taken;
    };
    if (partner == nullptr) {
        leader.hasher_.Update(take(leader, kChunkBytes));
        return;
    }
    // Whole blocks of both, so that what follows them can be paired, too.
    const size_t both = std::min({leader.rest_.size(), partner->rest_.size(), kChunkBytes}) /
                        codec::kDigestBlockBytes * codec::kDigestBlockBytes;
    if (both > 0) {
        const ByteView taken = take(leader, both);
        BlobHasher::UpdatePair(leader.hasher_, taken, partner->hasher_, take(*partner, both));
    } else {
        // The shorter one ends inside a block.
        Piece& shorter = leader.rest_.size() < codec::kDigestBlockBytes ? leader : *partner;
        shorter.hasher_.Update(take(shorter, kChunkBytes));
    }
}

}  // namespace coffer::store::engine
