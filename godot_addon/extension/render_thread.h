// The thread that draws all characters of a game, in turn.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "tha4_engine.h"

namespace tha4_godot {

// Something to be done on the render thread. pool: threads that work along, null when there are none.
class Work {
  public:
    virtual ~Work() = default;
    virtual void run(tha4_pool* pool) = 0;
};

// First come, first served. The thread starts with the first work, yields to the game's threads, and ends when the last
// user has left. All but the destructor return at once.
class RenderThread {
  public:
    RenderThread() = default;
    // Ends the thread once it has done what it is at; the rest is dropped.
    ~RenderThread();
    RenderThread(const RenderThread&) = delete;
    RenderThread& operator=(const RenderThread&) = delete;

    // How many threads work on a picture, this one among them; 0: one for each physical core but one. Counts from the
    // next work on that makes a renderer.
    void set_threads(int threads);
    void enter();
    // The user's last work is run and let go on the thread, since memory takes its time.
    void leave(std::shared_ptr<Work> work);
    // False when the system starts no more threads.
    bool add(std::shared_ptr<Work> work);

  private:
    void serve();
    tha4_pool* pool(int threads);

    std::mutex mutex_;
    std::condition_variable condition_;
    std::deque<std::shared_ptr<Work>> queue_;
    int users_ = 0;
    int threads_ = 0;
    bool running_ = false;
    bool ended_ = false;
    std::thread thread_;
    // Of the thread alone.
    tha4_pool* pool_ = nullptr;
    int pool_threads_ = 0;
};

}  // namespace tha4_godot
