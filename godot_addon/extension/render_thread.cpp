#include "render_thread.h"

#include <system_error>
#include <utility>

namespace tha4_godot {

RenderThread::~RenderThread() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ended_ = true;
        queue_.clear();
    }
    condition_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void RenderThread::set_threads(int threads) {
    const std::lock_guard<std::mutex> lock(mutex_);
    threads_ = threads;
}

void RenderThread::enter() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++users_;
}

void RenderThread::leave(std::shared_ptr<Work> work) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        --users_;
        if (running_) queue_.push_back(std::move(work));
    }
    condition_.notify_all();
}

bool RenderThread::add(std::shared_ptr<Work> work) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!running_) {
            // One that ran before has ended, or is about to return.
            if (thread_.joinable()) thread_.join();
            try {
                thread_ = std::thread([this] { serve(); });
            } catch (const std::system_error&) {
                return false;
            }
            running_ = true;
        }
        queue_.push_back(std::move(work));
    }
    condition_.notify_all();
    return true;
}

void RenderThread::serve() {
    tha4_yield_to_others();
    std::unique_lock<std::mutex> lock(mutex_);
    while (!ended_) {
        if (queue_.empty()) {
            if (users_ > 0) {
                condition_.wait(lock);
            } else if (pool_) {
                // Its threads take a while to end, and whoever comes meanwhile must not wait for that.
                lock.unlock();
                tha4_pool_destroy(std::exchange(pool_, nullptr));
                lock.lock();
            } else {
                break;
            }
            continue;
        }
        std::shared_ptr<Work> work = std::move(queue_.front());
        queue_.pop_front();
        const int threads = threads_;
        lock.unlock();
        work->run(pool(threads));
        work.reset();
        lock.lock();
    }
    tha4_pool_destroy(std::exchange(pool_, nullptr));
    running_ = false;
}

tha4_pool* RenderThread::pool(int threads) {
    if (!pool_ || pool_threads_ != threads) {
        // Renderers of the old one keep it.
        tha4_pool_destroy(std::exchange(pool_, nullptr));
        pool_threads_ = threads;
        // Which asks files of the system: not the game's main thread.
        const int count = threads > 0 ? threads : tha4_spare_cores();
        if (tha4_pool_create(count, 1, &pool_) != THA4_OK) pool_ = nullptr;
    }
    return pool_;
}

}  // namespace tha4_godot
