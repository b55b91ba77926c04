#include "pool.h"

// WebAssembly has single_pool.h.
#if !defined(__wasm__)

#include <memory>

#include "priority.h"
#include "process_id.h"

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

// While one lives, its thread alone has the workers. A mutex would do but for fairness: a thread that renders one frame
// after another could keep the others waiting.
class Pool::Turn {
  public:
    explicit Turn(Shared& shared) : shared_(shared) {
        std::unique_lock<std::mutex> lock(shared_.turn_mutex);
        const unsigned mine = shared_.next_turn++;
        shared_.turn_condition.wait(lock, [&] { return shared_.present_turn == mine; });
    }
    ~Turn() {
        {
            const std::lock_guard<std::mutex> lock(shared_.turn_mutex);
            ++shared_.present_turn;
        }
        shared_.turn_condition.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    Shared& shared_;
};

void Pool::run(int count, Function function, const void* context) {
    if (count <= 0) return;
    Shared& shared = this->shared();
    const Turn turn(shared);
    if (threads_ == 1 || count == 1) {
        for (int index = 0; index < count; ++index) function(context, index, 0);
        return;
    }
    start_workers(shared);
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

// What the threads of this process share.
Pool::Shared& Pool::shared() {
    const long process = this_process();
    Shared* present = shared_.load();
    while (!present || present->process != process) {
        // After a fork the old workers do not exist here and their locks are in an unknown state: leave them alone.
        auto made = std::make_unique<Shared>();
        made->process = process;
        if (shared_.compare_exchange_strong(present, made.get())) return *made.release();
    }
    return *present;
}

void Pool::start_workers(Shared& shared) const {
    shared.workers.reserve(static_cast<size_t>(threads_) - 1);
    while (static_cast<int>(shared.workers.size()) < threads_ - 1) {
        const int worker = static_cast<int>(shared.workers.size()) + 1;
        shared.workers.emplace_back([&shared, worker, background = background_] {
            if (background) lower_priority();
            serve(shared, worker);
        });
    }
}

Pool::~Pool() {
    Shared* const present = shared_.load();
    if (!present || present->process != this_process()) return;
    const std::unique_ptr<Shared> shared(present);
    {
        const std::lock_guard<std::mutex> lock(shared->mutex);
        shared->ended = true;
    }
    shared->condition.notify_all();
    for (std::thread& worker : shared->workers) worker.join();
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

#endif
