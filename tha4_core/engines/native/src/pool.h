// Threads that wait for work, and share it out in small pieces.
#pragma once

#if defined(__wasm__)

#include "single_pool.h"

#else

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace tha4 {

// Several threads may call run(); they take turns, first come, first served. The threads start with the first run(),
// and again in a process that was forked, which inherits none.
class Pool {
  public:
    // threads: how many work at once, the caller of run() among them; at least 1. background: the others run at a lower
    // priority.
    Pool(int threads, bool background) : threads_(threads), background_(background) {}
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int threads() const { return threads_; }

    // Calls work(index, worker) for index 0 to count - 1, in any order; worker (0 to threads() - 1) says which
    // thread it is. Returns when all is done; what was written then is seen by the caller. Throws std::system_error
    // when no thread can be started.
    template <class Work>
    void run(int count, const Work& work) {
        run(
            count,
            [](const void* context, int index, int worker) { (*static_cast<const Work*>(context))(index, worker); },
            &work);
    }

  private:
    using Function = void (*)(const void* context, int index, int worker);

    struct Shared {
        long process;  // which the workers belong to
        // Whose turn it is: changes under the mutex.
        std::mutex turn_mutex;
        std::condition_variable turn_condition;
        unsigned next_turn = 0, present_turn = 0;
        // The job: constant while any of it is unfinished.
        Function function = nullptr;
        const void* context = nullptr;
        int count = 0;
        std::atomic<int> unclaimed{0};
        std::atomic<int> unfinished{0};
        // For sleeping: `wanted` changes under the mutex.
        std::mutex mutex;
        std::condition_variable condition;
        unsigned wanted = 0;
        bool ended = false;
        std::vector<std::thread> workers;
    };
    class Turn;

    void run(int count, Function function, const void* context);
    Shared& shared();
    void start_workers(Shared& shared) const;
    static void serve(Shared& shared, int worker);
    static void take_part(Shared& shared, int worker);

    const int threads_;
    const bool background_;
    std::atomic<Shared*> shared_{nullptr};
};

}  // namespace tha4

#endif
