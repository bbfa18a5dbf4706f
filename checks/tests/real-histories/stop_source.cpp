// Records what std::stop_source does: g++ -std=c++20 -O2 -pthread stop_source.cpp && ./a.out > stop_source.histories
//
// Every event takes a number from one counter: a call before it is made, an answer after it came. Thread 0 registers and
// destroys a callback, two others ask to stop. The destructor returns nothing; whether the callback was called is known once it has
// returned, and stands for its answer.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdio>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

struct Event { unsigned long at; std::string text; };
static std::atomic<unsigned long> now{0};
static std::vector<Event> logs[3];
static thread_local int self = 0;

static void note(const std::string& text) {
    logs[self].push_back({now.fetch_add(1), std::to_string(self) + text});
}

// Lets others run, a few times or never: so that threads meet at every point, also where they share a processor.
static void rest(unsigned draw) {
    for (unsigned turns = draw % 4; turns > 0; --turns) std::this_thread::yield();
}

struct Callback {
    std::atomic<bool>* called;
    void operator()() const {
        note(">1");
        called->store(true);
        rest(now.load() * 40503u >> 4);
        note("<1");
    }
};

// A registration of somebody else's, which is taken first and takes its time.
struct Slow {
    void operator()() const { for (int i = 0; i < 50; ++i) std::this_thread::yield(); }
};

int main() {
    constexpr int each = 6000;
    std::map<std::string, std::map<std::string, int>> histories;
    for (int kind = 0; kind < 4; ++kind) {
        // Whether thread 0 asks in between, and whether there is another registration.
        const bool asks = kind & 1, others = kind & 2;
        std::optional<std::stop_source> source;
        std::barrier<> gate(3);
        auto canceler = [&](int number) {
            self = number;
            for (int i = 0; i < each; ++i) {
                gate.arrive_and_wait();
                rest((i * 7919u + number * 104729u) >> 3);
                note(":cancel");
                const bool first = source->request_stop();
                note(first ? "=claimed" : "=not-claimed");
                gate.arrive_and_wait();
                gate.arrive_and_wait();
            }
        };
        std::thread one(canceler, 1), two(canceler, 2);
        self = 0;
        for (int i = 0; i < each; ++i) {
            source.emplace();
            std::atomic<bool> called{false};
            for (auto& log : logs) log.clear();
            std::stop_token token = source->get_token();
            gate.arrive_and_wait();
            rest((i * 15485863u) >> 5);
            std::optional<std::stop_callback<Callback>> callback;
            note(":mark");
            callback.emplace(token, Callback{&called});
            note("=marked");
            std::optional<std::stop_callback<Slow>> other;
            if (others) other.emplace(token, Slow{});
            rest((i * 32452843u) >> 7);
            if (asks) {
                note(":is-canceled");
                const bool yes = token.stop_requested();
                note(yes ? "=yes" : "=no");
            }
            note(":unmark");
            callback.reset();
            note(called.load() ? "=canceled" : "=unmarked");
            other.reset();
            gate.arrive_and_wait();
            std::vector<Event> all;
            for (auto& log : logs) all.insert(all.end(), log.begin(), log.end());
            std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.at < b.at; });
            std::string line;
            for (auto& event : all) line += " " + event.text;
            ++histories[""][line];
            gate.arrive_and_wait();
        }
        one.join();
        two.join();
    }
    std::printf("# libstdc++ %d, 4 programs of %d executions each\n", __GLIBCXX__, each);
    for (auto& [line, count] : histories[""]) std::printf("%d%s\n", count, line.c_str());
}
