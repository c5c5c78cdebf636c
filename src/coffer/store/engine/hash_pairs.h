// Hashes blobs two at a time.
//
// The digests of two streams, computed in one pass, take little more time than those of one
// (md5_sha256_blocks.h). So a thread offers its piece of a blob to whoever hashes, does something
// else that has to be done with it (writes it), and then hashes what nobody has taken, together
// with what others have offered. Nobody waits for a partner. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/mutex.h"
#include "coffer/store/engine/blob_hasher.h"

namespace coffer::store::engine {

class HashPairs {
  public:
    // The next bytes of a blob, on offer from its construction on. One thread makes it, finishes it
    // and destroys it, and leaves the hasher and the bytes alone meanwhile.
    class Piece {
      public:
        Piece(HashPairs& pairs, BlobHasher& hasher, ByteView data);
        // Takes the offer back, where it was not finished; blocks while another thread hashes it.
        // The hasher has taken some of the bytes then, and is of no more use.
        ~Piece();
        Piece(const Piece&) = delete;
        Piece& operator=(const Piece&) = delete;

        // Whether another thread has hashed all of it by now.
        bool is_done() const;

        // Blocks until the hasher has taken all bytes. Call it once.
        void Finish();

      private:
        friend class HashPairs;
        enum class State : uint8_t {
            kOffered,
            kLed,    // by another thread, beside a piece of its own
            kLeads,  // its own thread hashes it
            kDone,
        };

        HashPairs& pairs_;
        // These two belong to the thread that hashes it; what follows, to the mutex of `pairs_`.
        BlobHasher& hasher_;
        ByteView rest_;
        State state_ = State::kOffered;
        Piece* partner_ = nullptr;  // of one that leads: which it hashes, too
        CondVar changed_;           // `state_`
    };

  private:
    void Match() REQUIRES(mutex_);
    void Lead(Piece& piece) REQUIRES(mutex_);
    void AwaitLeader(Piece& piece) REQUIRES(mutex_);
    // A partner's thread could not be told of an exception.
    static void Step(Piece& leader, Piece* partner) noexcept;

    Mutex mutex_;
    std::deque<Piece*> offered_ GUARDED_BY(mutex_);
    std::vector<Piece*> alone_ GUARDED_BY(mutex_);  // those that lead, and have no partner
};

}  // namespace coffer::store::engine
