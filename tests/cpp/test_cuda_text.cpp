// The CUDA text of every elementwise row, for every dtype class of its signature. Compiled twice: by nvcc,
// which must accept it, and by the host's compiler with CUDA's intrinsics as plain functions, so that the
// text is run and compared bit for bit with the reference evaluator. Either is left out, with a line that
// says so, where there is no such compiler.
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/evaluate.h"
#include "check.h"
#include "codegen/backend.h"
#include "cuda/scalar_text.h"
#include "ops/core_rows.h"

using namespace croton;
namespace fs = std::filesystem;

namespace {

struct Row {
  std::string name;  // of its function in the text
  const ScalarProgram* program;
  DType result() const { return program->code[program->result].type; }
};

constexpr DType classes[] = {DType::Bool,   DType::Int8,    DType::Int16,  DType::Int32,
                             DType::Int64,  DType::UInt8,   DType::UInt16, DType::UInt32,
                             DType::UInt64, DType::Float32, DType::Float64};

// Rows that call a function of the host have no text.
const std::set<std::string_view> host_rows = {
    "beta",         "betainc",      "betainc_da",   "betainc_db", "betainc_dx",  "betaincc",    "betainccinv",
    "betaincinv",   "betaln",       "binom",        "ellipe",     "ellipk",      "ellipkm1",    "elliprd",
    "exp1",         "expi",         "expn",         "gammainc",   "gammainc_da", "gammainc_dx", "gammaincc",
    "gammainccinv", "gammaincinv",  "hurwitz_zeta", "hyp2f1",     "i0",          "i0e",         "i1",
    "i1e",          "iv",           "ive",          "j0",         "j1",          "jv",          "k0",
    "k0e",          "k1",           "k1e",          "kv",         "kve",         "owens_t",     "poch",
    "polygamma",    "riemann_zeta", "y0",           "y1",         "yv"};

// Each has a text, or says that it has none.
bool on_host_only(const ScalarProgram& program) {
  try {
    cuda::scalar_text(program, "f");
    return false;
  } catch (const NotImplemented&) {
    return true;
  }
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  std::set<const ScalarProgram*> seen;
  auto add = [&](const OpSpec& op, std::span<const DType> operands, DType to) {
    const ScalarProgram* program = &scalar_program(op, operands, to);
    if (seen.insert(program).second)
      rows.push_back({std::string(op.name) + "_" + std::to_string(rows.size()), program});
  };
  for (const OpSpec* op : op_table()) {
    if (!op->scalar || !op->signature) continue;
    for (DType type : classes) try {
        std::vector<DType> given(static_cast<size_t>(op->arity), type);
        Signature signature = op->signature(given);
        const ScalarProgram& program = scalar_program(*op, signature.operands, signature.result);
        const bool without = on_host_only(program);
        CHECK(without == host_rows.contains(op->name));
        if (!without) add(*op, signature.operands, signature.result);
      } catch (const TypeError&) {
        continue;  // not a class of this row
      }
  }
  for (DType from : classes)
    for (DType to : classes) add(cast_op, std::span(&from, 1), to);
  return rows;
}

// ---- the two sources

std::string device_source(const std::vector<Row>& rows) {
  std::string text(cuda::scalar_prelude());
  for (const Row& row : rows) {
    std::string result(cuda::type_name(row.result())), parameters, arguments;
    for (size_t k = 0; k < row.program->arguments.size(); ++k) {
      std::string number = std::to_string(k);
      parameters +=
          "const " + std::string(cuda::type_name(row.program->arguments[k])) + "* a" + number + ", ";
      arguments += (k ? ", a" : "a") + number + "[i]";
    }
    text += cuda::scalar_text(*row.program, row.name);
    text += "extern \"C\" __global__ void run_" + row.name + "(" + parameters + result + "* out) {\n";
    text += "  const int i = threadIdx.x;\n  out[i] = " + row.name + "(" + arguments + ");\n}\n";
  }
  return text;
}

constexpr const char* host_intrinsics = R"(
#include <cmath>
#include <cstring>
using namespace std;
#define __device__
#define __noinline__
template <class To, class From> static inline To bits_as(From x) { To y; memcpy(&y, &x, sizeof y); return y; }
static inline float __uint_as_float(unsigned x) { return bits_as<float>(x); }
static inline unsigned __float_as_uint(float x) { return bits_as<unsigned>(x); }
static inline double __longlong_as_double(long long x) { return bits_as<double>(x); }
static inline long long __double_as_longlong(double x) { return bits_as<long long>(x); }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
)";

// extern "C" void run_<row>(const void* const* arguments, void* out) for one element of each row.
std::string host_source(const std::vector<Row>& rows) {
  std::string text = host_intrinsics + std::string(cuda::scalar_prelude());
  for (const Row& row : rows) {
    std::string arguments;
    for (size_t k = 0; k < row.program->arguments.size(); ++k) {
      std::string type(cuda::type_name(row.program->arguments[k]));
      arguments += (k ? ", *(const " : "*(const ") + type + "*)a[" + std::to_string(k) + "]";
    }
    text += cuda::scalar_text(*row.program, row.name);
    text += "extern \"C\" void run_" + row.name + "(const void* const* a, void* out) {\n  *(";
    text += std::string(cuda::type_name(row.result())) + "*)out = " + row.name + "(" + arguments + ");\n}\n";
  }
  return text;
}

// ---- values

// Interesting numbers of `type`, as bits in the low bytes.
std::vector<uint64_t> values_of(DType type) {
  std::vector<uint64_t> bits;
  if (is_bool(type)) return {0, 1};
  if (is_integer(type)) {
    const int width = static_cast<int>(8 * size_of(type));
    const uint64_t mask = ~uint64_t{0} >> (64 - width), top = uint64_t{1} << (width - 1);
    for (uint64_t v :
         {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{7}, uint64_t{31}, uint64_t{100},
          ~uint64_t{0}, ~uint64_t{0} - 5, top, top - 1, top + 1, uint64_t{0x5a5a5a5a5a5a5a5a}})
      bits.push_back(v & mask);
    return bits;
  }
  const double inf = std::numeric_limits<double>::infinity();
  for (double v :
       {0.0,    -0.0,  0.5,   -0.7,        1.0,    -1.0,  1.5,          2.5,           -2.5,
        3.7,    -9.25, 20.0,  88.7,        -103.9, 300.2, 709.5,        1e5,           1e10,
        3e38,   -1e19, 1e300, 1e-40,       1e-310, 127.5, 2147483648.0, -2147483649.0, 1.8446744073709552e19,
        9.2e18, inf,   -inf,  std::nan("")}) {
    uint64_t raw = 0;
    float single = static_cast<float>(v);
    if (type == DType::Float32)
      std::memcpy(&raw, &single, 4);
    else
      std::memcpy(&raw, &v, 8);
    bits.push_back(raw);
  }
  return bits;
}

bool is_nan(DType type, uint64_t bits) {
  if (type == DType::Float32) return (bits & 0x7fffffff) > 0x7f800000;
  return type == DType::Float64 && (bits & ~(uint64_t{1} << 63)) > 0x7ff0000000000000;
}

using Compiled = void (*)(const void* const*, void*);

// Number of combinations of arguments on which the compiled text and the evaluator differ.
int compare(const Row& row, Compiled compiled, int64_t& tried) {
  std::vector<std::vector<uint64_t>> values;
  size_t count = 1;
  for (DType type : row.program->arguments) values.push_back(values_of(type)), count *= values.back().size();
  int differing = 0;
  for (size_t n = 0; n < count; ++n) {
    std::vector<uint64_t> arguments;
    std::vector<const void*> pointers;
    size_t rest = n;
    for (const auto& v : values) arguments.push_back(v[rest % v.size()]), rest /= v.size();
    for (const uint64_t& a : arguments) pointers.push_back(&a);
    uint64_t out = 0, expected = evaluate(*row.program, arguments);
    compiled(pointers.data(), &out);
    ++tried;
    if (out == expected || (is_nan(row.result(), out) && is_nan(row.result(), expected))) continue;
    if (++differing == 1)
      std::printf("%s: %llx (%llx): text %llx, evaluator %llx\n", row.name.c_str(),
                  static_cast<unsigned long long>(arguments[0]),
                  static_cast<unsigned long long>(arguments.back()), static_cast<unsigned long long>(out),
                  static_cast<unsigned long long>(expected));
  }
  return differing;
}

// ---- compilers

bool found(const char* program) {
  return std::system(("command -v " + std::string(program) + " >/dev/null 2>&1").c_str()) == 0;
}

bool run(const std::string& command, const char* what) {
  auto start = std::chrono::steady_clock::now();
  bool good = std::system(command.c_str()) == 0;
  std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::printf("%s: %.1f s\n", what, taken.count());
  return good;
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

void check_nvcc(const std::vector<Row>& rows, const fs::path& folder) {
  if (!found("nvcc")) {
    std::printf("nvcc: skipped, it is not on the PATH\n");
    return;
  }
  fs::path source = folder / "rows.cu";
  write(source, device_source(rows));
  CHECK(
      run("nvcc --cubin -arch=sm_90 -o '" + (folder / "rows.cubin").string() + "' '" + source.string() + "'",
          "nvcc"));
}

void check_host(const std::vector<Row>& rows, const fs::path& folder) {
  const char* compiler = found("c++") ? "c++" : "g++";
  if (!found(compiler)) {
    std::printf("host compiler: skipped, neither c++ nor g++ is on the PATH\n");
    return;
  }
  fs::path source = folder / "rows.cpp", library = folder / "rows.so";
  write(source, host_source(rows));
  std::string flags = " -std=c++17 -O0 -ffp-contract=off -Wno-shift-count-overflow -shared -fPIC -o '";
  CHECK(run(compiler + flags + library.string() + "' '" + source.string() + "'", "host compiler"));
  void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  CHECK(loaded != nullptr);
  if (!loaded) return;
  int64_t tried = 0;
  for (const Row& row : rows) {
    auto compiled = reinterpret_cast<Compiled>(dlsym(loaded, ("run_" + row.name).c_str()));
    CHECK(compiled != nullptr);
    if (compiled) CHECK(compare(row, compiled, tried) == 0);
  }
  std::printf("%lld values compared\n", static_cast<long long>(tried));
  dlclose(loaded);
}

}  // namespace

int main() {
  std::vector<Row> rows = all_rows();
  std::printf("%zu rows and dtypes; %zu rows have no text\n", rows.size(), host_rows.size());
  fs::path folder = fs::temp_directory_path() / ("croton_cuda_text_" + std::to_string(getpid()));
  fs::create_directories(folder);
  check_host(rows, folder);
  check_nvcc(rows, folder);
  CHECK_THROWS(NotImplemented, cuda::type_name(DType::Complex64));
  fs::remove_all(folder);
  return check_result();
}
