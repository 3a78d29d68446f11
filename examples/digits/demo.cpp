// SPDX-License-Identifier: MIT
//
// Draws handwritten digits with a small trained network, by several methods at several numbers of evaluations; writes a
// contact sheet and prints what each cost and how good it was.

#include "frechet.hpp"
#include "image.hpp"
#include "real_digits.hpp"
#include "study.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace digits;

struct options {
  task what;
  std::vector<std::string> models{"eps", "flow"};
  std::vector<std::string> methods{"ddim", "heun", "dpmpp_2m", "dpmpp_3m", "unipc"};
  std::vector<int> evaluations{4, 6, 10, 20};
  int fine = 200;
  fs::path out = "demo.png";
  fs::path data = DIFFODE_DIGITS_DATA;
};

/// A line on a terminal that says how far things are; silent when the output goes to a file.
class progress {
 public:
  explicit progress(int total) : total_(total), shown_(isatty(STDERR_FILENO) != 0) {}
  ~progress() {
    if (shown_) fmt::print(stderr, "\r{:78}\r", "");
  }
  void operator()(const std::string& doing) {
    if (!shown_) return;
    const int width = 30, full = width * done_ / total_;
    fmt::print(stderr, "\r[{:#<{}}{:-<{}}] {:3}%  {:36.36}", "", full, "", width - full, 100 * done_ / total_, doing);
    std::fflush(stderr);
    ++done_;
  }

 private:
  int total_, done_ = 0;
  bool shown_;
};

/// How near images are to real ones.
class judge {
 public:
  explicit judge(const fs::path& data) : real_(load_real_digits(data / "held_out.safetensors")), distance_(frechet_to(real_)) {}

  /// What as many of the real digits themselves get: a few images never have the moments of all.
  double of_real(std::size_t count) const {
    return (*this)(std::span<const float>(real_.images).first(std::min(real_.images.size(), count * image_size)));
  }
  double operator()(std::span<const float> images) const { return distance_(images); }
  double share() const { return distance_.share(); }

 private:
  labelled_images real_;
  dd::frechet_distance distance_;
};

any_method method_named(const std::string& name) {
  for (const auto& [known, method] : known_methods())
    if (known == name) return method;
  throw std::invalid_argument("--methods: no method " + name);
}

subject load(const std::string& model, const fs::path& data) {
  network net = network::load(data / (model + ".safetensors"));
  if (model == "flow") return {model, std::move(net), dd::flow{}, true};
  return {model, std::move(net), dd::vp_linear{}, false};
}

int run(const options& o) {
  const judge frechet(o.data);
  contact_sheet::options sheet{.title = fmt::format("{} digits, guidance {}, seed {}", o.what.count, o.what.guidance, o.what.seed),
                               .across = 10, .down = o.what.count >= 20 ? 2 : 1};
  for (const std::string& model : o.models)
    for (const std::string& method : o.methods) sheet.rows.push_back(method + ", " + model);
  for (const int n : o.evaluations) sheet.columns.push_back(fmt::format("{} evaluations", n));
  contact_sheet picture(sheet);

  const int cells = static_cast<int>(o.evaluations.size() * o.methods.size());
  progress show(static_cast<int>(o.models.size()) * (cells + 1));
  std::string table = fmt::format("{:6} {:10} {:>5} {:>5} {:>9} {:>9} {:>10} {:>11}  {}\n", "model", "method", "steps", "evals",
                                  "Frechet", "error", "model ms", "outside ms", "pull = push");
  table += fmt::format("{:6} {:10} {:>5} {:>5} {:9.3f}\n", "(real)", "", "", "", frechet.of_real(o.what.count));
  bool all_same = true;
  std::size_t row = 0;
  for (const std::string& model : o.models) {
    const subject s = load(model, o.data);
    show(model + ": fine solution");
    const std::vector<float> fine = draw(s, o.what, dd::dpmpp_3m{}, o.fine).images;
    table += fmt::format("{:6} {:10} {:5} {:5} {:9.3f}\n", model, "(fine)", o.fine, o.fine, frechet(fine));
    for (const std::string& name : o.methods) {
      const any_method how = method_named(name);
      for (std::size_t column = 0; column < o.evaluations.size(); ++column) {
        show(fmt::format("{}: {}, {} evaluations", model, name, o.evaluations[column]));
        const int steps = steps_within(s, how, o.evaluations[column]);
        if (steps == 0) continue;
        const drawing d = draw(s, o.what, how, steps);
        const bool same = draw_by_pulling(s, o.what, how, steps) == d.images;
        all_same = all_same && same;
        const double distance_to_real = frechet(d.images), error = distance(d.images, fine);
        table += fmt::format("{:6} {:10} {:5} {:5} {:9.3f} {:9.5f} {:10.1f} {:11.2f}  {}\n", model, name, steps, d.evaluations,
                             distance_to_real, error, d.model_ms, d.outside_ms, same ? "same bits" : "DIFFERENT");
        picture.set(row, column, d.images, fmt::format("Frechet {:.2f}, error {:.3f}", distance_to_real, error));
      }
      ++row;
    }
  }
  picture.save(o.out);
  show("done");
  fmt::print("{}\n", table);
  fmt::print("Frechet: squared distance to held-out real digits in their {} principal components ({:.0f}% of the variance)\n",
             frechet_axes, 100 * frechet.share());
  fmt::print("         (that of as many of these real digits is in the first row)\n");
  fmt::print("error:   root mean square difference to the fine solution of the same equation from the same noise\n");
  fmt::print("ms:      for all {} digits together; outside is all that is not the network, planning included\n", o.what.count);
  fmt::print("wrote {}\n", o.out.string());
  return all_same ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("Draws handwritten digits with a small trained network, by several methods at several numbers of evaluations.");
  std::vector<std::string> names;
  for (const auto& [name, method] : known_methods()) names.push_back(name);
  app.add_option("--count", o.what.count, "how many digits, a multiple of 10: as many of each class")->check(CLI::Range(20, 10000))->capture_default_str();
  app.add_option("--seed", o.what.seed, "start noise; image k has the same for every method")->capture_default_str();
  app.add_option("--methods", o.methods, "methods, one row of the sheet each")->delimiter(',')->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--steps", o.evaluations, "numbers of evaluations of the network, one column each")->delimiter(',')->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--fine", o.fine, "steps of the solution that errors are measured against")->check(CLI::Range(2, 100000))->capture_default_str();
  app.add_option("--guidance", o.what.guidance, "scale of classifier-free guidance; 1 is none")->check(CLI::Range(0.0, 100.0))->capture_default_str();
  app.add_option("--model", o.models, "which networks: eps, flow")->delimiter(',')->check(CLI::IsMember({"eps", "flow"}))->capture_default_str();
  app.add_option("--out", o.out, "where to write the contact sheet (PNG)")->capture_default_str();
  app.add_option("--data", o.data, "folder with the weights and the real digits");
  CLI11_PARSE(app, argc, argv);
  try {
    if (o.what.count % 10 != 0) throw std::invalid_argument(fmt::format("--count: {} is not a multiple of 10", o.what.count));
    return run(o);
  } catch (const std::exception& e) {
    fmt::print(stderr, "diffode_demo: {}\n", e.what());
    return 2;
  }
}
