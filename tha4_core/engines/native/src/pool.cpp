#include "pool.h"

#ifdef _WIN32
#include <process.h>
#define getpid _getpid
#else
#include <unistd.h>
#endif

namespace tha4 {
namespace {

// How often a worker looks for the next job before it sleeps: some tens of microseconds, enough to bridge the gap
// between two steps of a frame, too little to be noticed between frames.
constexpr int kLooks = 2000;

void pause_briefly() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

void Pool::run(int count, Function function, const void* context) {
    if (count <= 0) return;
    if (threads_ == 1 || count == 1) {
        for (int index = 0; index < count; ++index) function(context, index, 0);
        return;
    }
    if (process_ != static_cast<long>(getpid())) start();
    Shared& shared = *shared_;
    shared.function = function;
    shared.context = context;
    shared.count = count;
    shared.unfinished.store(count, std::memory_order_relaxed);
    // From here on workers take pieces: a successful claim is always one of the current job.
    shared.unclaimed.store(count, std::memory_order_release);
    {
        const std::lock_guard<std::mutex> lock(shared.mutex);
        ++shared.wanted;
    }
    shared.condition.notify_all();
    take_part(shared, 0);
    for (int looks = 0; shared.unfinished.load(std::memory_order_acquire) > 0; ++looks) {
        if (looks < kLooks)
            pause_briefly();
        else
            std::this_thread::yield();
    }
}

void Pool::start() {
    // After a fork the old workers do not exist here and their locks are in an unknown state: leave them alone.
    static_cast<void>(shared_.release());
    shared_ = std::make_unique<Shared>();
    process_ = static_cast<long>(getpid());
    for (int worker = 1; worker < threads_; ++worker)
        shared_->workers.emplace_back([&shared = *shared_, worker] { serve(shared, worker); });
}

void Pool::stop() {
    if (!shared_) return;
    if (process_ != static_cast<long>(getpid())) {
        static_cast<void>(shared_.release());
        return;
    }
    {
        const std::lock_guard<std::mutex> lock(shared_->mutex);
        shared_->ended = true;
    }
    shared_->condition.notify_all();
    for (std::thread& worker : shared_->workers) worker.join();
    shared_.reset();
}

void Pool::serve(Shared& shared, int worker) {
    unsigned seen = 0;
    for (;;) {
        for (int looks = 0; looks < kLooks && shared.unclaimed.load(std::memory_order_relaxed) <= 0; ++looks)
            pause_briefly();
        if (shared.unclaimed.load(std::memory_order_relaxed) > 0) {
            take_part(shared, worker);
            continue;
        }
        std::unique_lock<std::mutex> lock(shared.mutex);
        shared.condition.wait(lock, [&] { return shared.ended || shared.wanted != seen; });
        if (shared.ended) return;
        seen = shared.wanted;
    }
}

void Pool::take_part(Shared& shared, int worker) {
    int left = shared.unclaimed.load(std::memory_order_acquire);
    while (left > 0) {
        if (!shared.unclaimed.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) continue;
        shared.function(shared.context, shared.count - left, worker);
        shared.unfinished.fetch_sub(1, std::memory_order_acq_rel);
        left = shared.unclaimed.load(std::memory_order_acquire);
    }
}

}  // namespace tha4
