// Several coroutines on one thread that take their steps one at a time, in an order that the test
// chooses: every interleaving can be had, and had again.
//
// A step is a transaction or a call of the store. Each one waits for its turn, and then runs to its
// end before anything else does.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "coffer/db/database.h"
#include "coffer/runtime/task.h"
#include "coffer/store/store.h"

namespace coffer::testing {

// Of one thread.
class Turns {
  public:
    // `pause_after_reads`: what was read may have changed before anything is made of it.
    explicit Turns(bool pause_after_reads = false) : pause_after_reads_(pause_after_reads) {}

    // Adds a coroutine; it runs to its first step in Run.
    void Add(Task<void> task);

    // Runs all to their ends. Whenever several wait for their turn, `choose` is asked which of that
    // many goes on, in the order in which they came; also where there is only one.
    void Run(const std::function<size_t(size_t)>& choose);

    // How many have not come to their end.
    size_t unfinished() const { return unfinished_; }

    // Waits for the caller's turn.
    Task<void> Next();

    bool pause_after_reads() const { return pause_after_reads_; }

  private:
    Task<void> Count(Task<void> task);

    const bool pause_after_reads_;
    boost::asio::io_context context_{1};
    std::vector<std::function<void()>> waiting_;
    size_t unfinished_ = 0;
};

// `below`, a step for each transaction. Both outlive it.
std::unique_ptr<db::Database> InTurns(Turns& turns, db::Database& below);

// `below`, a step for each call, and for each read of what it gives out; but staging is none. Both
// outlive it.
std::unique_ptr<store::Store> InTurns(Turns& turns, store::Store& below);

}  // namespace coffer::testing
