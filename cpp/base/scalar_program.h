// Scalar programs: what an elementwise op computes for one element, written once in about 30 machine
// primitives. A row of the op table is a function over Values; running it records a program, which the
// backends (LLVM vectors, CUDA text, the reference evaluator) translate instruction by instruction.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"

namespace croton {

/// A function called lane by lane where no vector form exists (gammaln, or sin of a huge angle).
struct LibraryFunction {
  std::string name;        // in C: `name` for float64, `name` + "f" for float32
  int arity;               // 1 to 4; 1 to 3 in float32
  void* f64;               // double (*)(double, ...)
  void* f32;               // float (*)(float, ...); null for those that are computed in float64 alone
  bool host_only = false;  // there is no CUDA text of it
};
/// The function registered under `name`; throws InternalError if there is none.
const LibraryFunction& library_function(std::string_view name);
/// All of them, for backends that resolve symbols by name.
std::span<const LibraryFunction> library_functions();

/// Machine primitives. Operands share one type unless said; comparisons give Bool.
// clang-format off
enum class Prim : uint8_t {
  Argument,   // payload: its index
  Constant,   // payload: the bits of the value, in the low bytes
  Add, Sub, Mul,
  Div,        // integers truncate; n/0 = 0 and min/-1 = min, never a trap
  Rem,        // of truncated division, integers only; n%0 = 0
  Neg, Abs, Sqrt,
  Fma,        // a*b + c, rounded once
  Floor, Trunc, RoundEven,  // floats
  Min, Max,   // a < b ? a : b  and  a > b ? a : b: the second operand when either is NaN
  Eq, Lt, Le, // ordered: false when either is NaN
  And, Or, Xor, Not,        // bits of integers, or Bool
  Shl, Shr,   // by the second operand in [0, width); Shr is arithmetic on signed types
  Select,     // (Bool, a, b) -> a or b
  Bitcast,    // to a type of the same size
  Convert,    // C conversion; float to integer saturates and NaN gives 0; to Bool is x != 0
  Call,       // LibraryFunction, payload: its index in library_functions()
  Fallback,   // (Bool mask, fast, x[, y]): fast, but the library function of x[, y] where mask holds;
              // backends branch, so it costs one test when no lane needs it
};
// clang-format on

struct ScalarInstr {
  Prim prim;
  DType type;  // of the result
  uint8_t arity;
  uint32_t args[4];  // earlier instructions
  uint64_t payload;
  bool operator==(const ScalarInstr&) const = default;
};

/// A straight-line program in single-assignment form; `result` is the value of one element.
/// Types are Bool, the integers, Float32 and Float64: 16-bit floats are computed as Float32.
struct ScalarProgram {
  std::vector<DType> arguments;
  std::vector<ScalarInstr> code;
  uint32_t result = 0;
};

class ScalarBuilder;

/// A value inside a scalar program. Operators emit instructions; plain numbers become constants of
/// the other operand's type.
class Value {
 public:
  Value(ScalarBuilder* builder, uint32_t id) : builder_(builder), id_(id) {}
  ScalarBuilder& builder() const { return *builder_; }
  uint32_t id() const { return id_; }
  DType type() const;
  bool is_float32() const { return type() == DType::Float32; }
  /// A constant of this value's type.
  Value constant(double value) const;
  /// A constant of this value's type with these bits (in the low bytes).
  Value bits(uint64_t bits) const;

 private:
  ScalarBuilder* builder_;
  uint32_t id_;
};

using Args = std::span<const Value>;
/// What an elementwise row provides.
using ScalarFunction = Value (*)(Args);

/// Records a program; equal instructions are recorded once.
class ScalarBuilder {
 public:
  Value argument(DType type);
  Value constant(DType type, double value);
  Value constant_bits(DType type, uint64_t bits);
  Value emit(Prim prim, DType type, std::initializer_list<Value> args, uint64_t payload = 0);
  /// Emits `program` with `args` for its arguments and returns its result.
  Value inline_program(const ScalarProgram& program, Args args);
  DType type(uint32_t id) const { return program_.code[id].type; }
  const ScalarInstr& instruction(uint32_t id) const { return program_.code[id]; }
  /// How many instructions there are.
  size_t size() const { return program_.code.size(); }
  ScalarProgram finish(Value result);

 private:
  ScalarProgram program_;
  std::vector<std::pair<uint64_t, uint32_t>> seen_;  // open-addressing table: hash, instruction + 1
  uint32_t intern(const ScalarInstr& instr);
  void grow();
};

/// The program that `function` records for arguments of these types.
ScalarProgram record(ScalarFunction function, std::span<const DType> types);

// ---- the primitives as functions and operators
Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);
Value operator%(Value a, Value b);
Value operator-(Value a);
Value operator+(Value a, double b);
Value operator-(Value a, double b);
Value operator*(Value a, double b);
Value operator/(Value a, double b);
Value operator+(double a, Value b);
Value operator-(double a, Value b);
Value operator*(double a, Value b);
Value operator/(double a, Value b);
Value operator&(Value a, Value b);
Value operator|(Value a, Value b);
Value operator^(Value a, Value b);
Value operator~(Value a);
Value operator<<(Value a, int count);
Value operator>>(Value a, int count);
Value operator<(Value a, Value b);
Value operator<=(Value a, Value b);
Value operator>(Value a, Value b);
Value operator>=(Value a, Value b);
Value operator<(Value a, double b);
Value operator<=(Value a, double b);
Value operator>(Value a, double b);
Value operator>=(Value a, double b);
Value eq(Value a, Value b);
Value eq(Value a, double b);
Value ne(Value a, Value b);
Value is_nan(Value a);
Value is_inf(Value a);
Value shift_left(Value a, Value count);
Value shift_right(Value a, Value count);
Value fma(Value a, Value b, Value c);
Value fma(Value a, Value b, double c);
Value abs(Value a);
Value sqrt(Value a);
Value floor(Value a);
Value ceil(Value a);
Value trunc(Value a);
Value round_even(Value a);
Value min(Value a, Value b);
Value max(Value a, Value b);
Value select(Value condition, Value a, Value b);
Value select(Value condition, double a, Value b);
Value select(Value condition, Value a, double b);
Value bitcast(Value a, DType type);
Value convert(Value a, DType type);
Value copy_sign(Value magnitude, Value sign);
Value call(std::string_view function, Args args);
Value fallback(Value mask, Value fast, std::string_view function, Args args);
/// c[0] + c[1]*x + c[2]*x^2 + ... with fma. `polynomial` joins neighbours level by level (Estrin), so that
/// the chain of dependent steps is short; `horner` goes term by term, more exact where terms beyond the first
/// are large.
Value polynomial(Value x, std::span<const double> coefficients);
Value horner(Value x, std::span<const double> coefficients);

}  // namespace croton
