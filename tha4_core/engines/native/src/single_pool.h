// The pool where there are no threads: in WebAssembly, of which a page starts several instances instead.
#pragma once

namespace tha4 {

// As the Pool of threads, whose place it takes.
class Pool {
  public:
    Pool(int /*threads*/, bool /*background*/) {}
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int threads() const { return 1; }

    template <class Work>
    void run(int count, const Work& work) {
        for (int index = 0; index < count; ++index) work(index, 0);
    }
};

}  // namespace tha4
