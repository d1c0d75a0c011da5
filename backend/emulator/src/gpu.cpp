// A stream that is late, and memory that shows who touches it too late.

#include "gpu.hpp"

namespace gpu {

constexpr size_t MAX_WAITING = 40; // tasks that gather before any is done unasked

bool inside(const std::map<uintptr_t, size_t> &where, uintptr_t at, size_t bytes) {
    auto next = where.upper_bound(at);
    if (next == where.begin()) return false;
    --next;
    return at + bytes <= next->first + next->second;
}

Stream::Stream(Gpu &gpu) : gpu(gpu), thread([this] { run(); }) {}

Stream::~Stream() {
    wait_for_all();
    {
        std::lock_guard<std::mutex> guard(lock);
        ends = true;
    }
    asked.notify_all();
    thread.join();
}

uint64_t Stream::put(std::function<void()> work, bool always) {
    uint64_t number;
    {
        std::lock_guard<std::mutex> guard(lock);
        queue.push_back({std::move(work), always});
        number = ++put_in;
    }
    asked.notify_all();
    return number;
}

void Stream::wait(uint64_t number) {
    std::unique_lock<std::mutex> guard(lock);
    if (number > wanted) wanted = number;
    asked.notify_all();
    done.wait(guard, [=] { return finished >= number; });
}

void Stream::wait_for_all() {
    uint64_t last;
    {
        std::lock_guard<std::mutex> guard(lock);
        last = put_in;
    }
    wait(last);
}

void Stream::run() {
    std::unique_lock<std::mutex> guard(lock);
    for (;;) {
        asked.wait(guard, [this] { return ends || finished < wanted || queue.size() > MAX_WAITING; });
        if (queue.empty()) return;
        Task task = std::move(queue.front());
        queue.pop_front();
        guard.unlock();
        bool dead;
        {
            std::lock_guard<std::mutex> own(gpu.lock);
            dead = gpu.error != OK;
        }
        if (task.always || !dead) task.work();
        guard.lock();
        ++finished;
        done.notify_all();
    }
}

} // namespace gpu
