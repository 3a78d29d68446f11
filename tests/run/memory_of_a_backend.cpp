// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/reversible.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sampler.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>

namespace dd = diffode;
using namespace diffode_test;

namespace {

/// Memory that nobody can read or write but who opens it first, as that of a device: touching it ends the program.
class far_memory {
 public:
  explicit far_memory(std::size_t bytes) : bytes_(bytes), at_(mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) { REQUIRE(at_ != MAP_FAILED); }
  far_memory(const far_memory&) = delete;
  far_memory& operator=(const far_memory&) = delete;
  ~far_memory() { munmap(at_, bytes_); }
  void* at() const { return at_; }

  template <class Work>
  auto opened(const Work& work) const {
    mprotect(at_, bytes_, PROT_READ | PROT_WRITE);
    struct closing {
      const far_memory& memory;
      ~closing() { mprotect(memory.at_, memory.bytes_, PROT_NONE); }
    } close{*this};
    return work();
  }

 private:
  std::size_t bytes_;
  void* at_;
};

constexpr std::size_t size = 12, page = 4096;

/// The processor backend on such memory: its first page is the state's, the second the model's answers, the rest is for runs.
struct far {
  const far_memory* memory;
  int* prepared;

  template <class T, class Noise>
  void combine(const dd::combination<T>& c, const Noise& noise) const {
    memory->opened([&] { dd::cpu{}.combine<T>(c, noise); });
  }
  dd::result<std::span<std::byte>> try_reserve(std::size_t bytes) {
    if (bytes > 6 * page) return dd::error(dd::errc::bad_shape, "far: not so much");
    return std::span<std::byte>(static_cast<std::byte*>(memory->at()) + 2 * page, bytes);
  }
  template <class T>
  dd::fault prepare(const dd::plan&) {
    ++*prepared;
    return {};
  }
  void copy(void* to, const void* from, std::size_t bytes) const {
    memory->opened([&] { std::memcpy(to, from, bytes); });
  }
};

template <class Sampler>
void answer_all(Sampler& s, const far& on, const far_memory& memory, int calls) {
  double* const answer = reinterpret_cast<double*>(static_cast<std::byte*>(memory.at()) + page);
  for (; calls > 0 && s.next(); --calls) {
    const auto call = s.next();
    std::vector<double> x(size), out(size);
    on.copy(x.data(), call->x.data(), size * sizeof(double));
    for (std::size_t i = 0; i < size; ++i) out[i] = 0.3 * x[i] + call->at.sigma;
    on.copy(answer, out.data(), size * sizeof(double));
    s.feed(std::span<const double>(answer, size));
  }
}

void check_run(const dd::shared_plan& p) {
  const far_memory memory(8 * page);
  int prepared = 0;
  const far on{&memory, &prepared};
  std::vector<double> x(size), near_x, got(size);
  dd::philox{.seed = 3}.fill(0, 0, 0, std::span(x));
  near_x = x;
  on.copy(memory.at(), x.data(), size * sizeof(double));
  const std::span<double> state(static_cast<double*>(memory.at()), size);

  dd::sampler near_run(p, near_x, {.batch = 3}, dd::philox{.seed = 5});
  while (const auto call = near_run.next()) {
    std::vector<double> out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = 0.3 * call->x[i] + call->at.sigma;
    near_run.feed(out);
  }
  dd::sampler run(p, state, {.batch = 3}, dd::philox{.seed = 5}, dd::no_filter{}, far(on));
  CHECK(prepared == 1);
  answer_all(run, on, memory, 3);
  const auto saved = run.save();
  answer_all(run, on, memory, 1000);
  const auto end = [&] {
    on.copy(got.data(), state.data(), size * sizeof(double));
    return got;
  };
  CHECK(run.finished());
  CHECK(end() == near_x);
  run.restore(saved);
  answer_all(run, on, memory, 1000);
  CHECK(end() == near_x);
  on.copy(state.data(), x.data(), size * sizeof(double));
  run.restart();
  answer_all(run, on, memory, 1000);
  CHECK(end() == near_x);
}

}  // namespace

TEST_CASE("a run leaves arrays to a backend with memory of its own: it never touches an element") {
  const dd::grid levels = families()[0].uniform(6);
  check_run(dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{}));
  check_run(dd::compile(dd::unipc{.p = 3}, levels, dd::v_model{}, {.own_input = true, .own_state = true}));
  check_run(dd::compile(dd::reversible<dd::ddim>{}, levels, dd::v_model{}));
}

TEST_CASE("memory that a backend can not give is its own refusal") {
  const far_memory memory(8 * page);
  int prepared = 0;
  const dd::shared_plan p = dd::compile(dd::unipc{.p = 3}, families()[0].uniform(6), dd::v_model{});
  const std::span<double> state(static_cast<double*>(memory.at()), 3 * page);
  const auto made = dd::sampler<double, dd::philox, dd::no_filter, far>::try_make(p, state, {}, {}, {}, far{&memory, &prepared});
  REQUIRE_FALSE(made);
  CHECK(std::string_view(made.reason()->what()) == "far: not so much");
}

#endif
