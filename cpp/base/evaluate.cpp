#include "base/evaluate.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/error.h"

namespace croton {
namespace {

template <class T>
T read(uint64_t bits) {
  if constexpr (std::is_same_v<T, bool>)
    return bits != 0;
  else if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(static_cast<uint32_t>(bits));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<double>(bits);
  else
    return static_cast<T>(bits);
}

template <class T>
uint64_t write(T value) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<uint32_t>(value);
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<uint64_t>(value);
  else if constexpr (std::is_same_v<T, bool>)
    return value;
  else
    return static_cast<std::make_unsigned_t<T>>(value);
}

/// Calls `f` with a value of the C++ type that `type` stands for.
template <class F>
uint64_t with_type(DType type, F f) {
  switch (type) {
    case DType::Bool: return f(bool{});
    case DType::Int8: return f(int8_t{});
    case DType::Int16: return f(int16_t{});
    case DType::Int32: return f(int32_t{});
    case DType::Int64: return f(int64_t{});
    case DType::UInt8: return f(uint8_t{});
    case DType::UInt16: return f(uint16_t{});
    case DType::UInt32: return f(uint32_t{});
    case DType::UInt64: return f(uint64_t{});
    case DType::Float32: return f(float{});
    case DType::Float64: return f(double{});
    default: throw InternalError("scalar program: no such type in scalar code");
  }
}

template <class To, class From>
To convert_value(From x) {
  if constexpr (std::is_same_v<To, bool>) {
    return x != From{};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // The bounds as floats: the upper one is 2^digits, the first value that does not fit.
    const From upper = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    if (std::isnan(x)) return 0;
    if (x >= upper) return std::numeric_limits<To>::max();
    if (x <= (std::is_signed_v<To> ? -upper : From{0})) return std::numeric_limits<To>::min();
    return static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

template <class T>
uint64_t float_op(Prim prim, T a, T b, T c) {
  switch (prim) {
    case Prim::Add: return write<T>(a + b);
    case Prim::Sub: return write<T>(a - b);
    case Prim::Mul: return write<T>(a * b);
    case Prim::Div: return write<T>(a / b);
    case Prim::Neg: return write<T>(-a);
    case Prim::Abs: return write<T>(std::fabs(a));
    case Prim::Sqrt: return write<T>(std::sqrt(a));
    case Prim::Fma: return write<T>(std::fma(a, b, c));
    case Prim::Floor: return write<T>(std::floor(a));
    case Prim::Trunc: return write<T>(std::trunc(a));
    case Prim::RoundEven: return write<T>(std::nearbyint(a));
    case Prim::Min: return write<T>(a < b ? a : b);
    case Prim::Max: return write<T>(a > b ? a : b);
    default: throw InternalError("scalar program: not an operation on floats");
  }
}

template <class T>
uint64_t shift(Prim prim, T a, T count) {
  using U = std::make_unsigned_t<T>;
  unsigned bits = static_cast<unsigned>(count) & (8 * sizeof(T) - 1);
  if (prim == Prim::Shr) return write<T>(static_cast<T>(a >> bits));
  return write<T>(static_cast<T>(static_cast<uint64_t>(static_cast<U>(a)) << bits));
}

template <class T>
uint64_t integer_op(Prim prim, T a, T b, T c) {
  // In 64 unsigned bits, so that nothing overflows; the low bits are the wrapped result.
  const uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  const bool wraps = std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1);
  switch (prim) {
    case Prim::Add: return write<T>(static_cast<T>(x + y));
    case Prim::Sub: return write<T>(static_cast<T>(x - y));
    case Prim::Mul: return write<T>(static_cast<T>(x * y));
    case Prim::Div: return write<T>(b == 0 ? T{0} : wraps ? a : static_cast<T>(a / b));
    case Prim::Rem: return write<T>(b == 0 || wraps ? T{0} : static_cast<T>(a % b));
    case Prim::Neg: return write<T>(static_cast<T>(0 - x));
    case Prim::Abs: return write<T>(a < 0 ? static_cast<T>(0 - x) : a);
    case Prim::Fma: return write<T>(static_cast<T>(x * y + static_cast<uint64_t>(c)));
    case Prim::Floor:
    case Prim::Trunc:
    case Prim::RoundEven: return write<T>(a);
    case Prim::Min: return write<T>(a < b ? a : b);
    case Prim::Max: return write<T>(a > b ? a : b);
    case Prim::And: return write<T>(a & b);
    case Prim::Or: return write<T>(a | b);
    case Prim::Xor: return write<T>(a ^ b);
    case Prim::Not: return write<T>(static_cast<T>(~a));
    case Prim::Shl:
    case Prim::Shr: return shift<T>(prim, a, b);
    default: throw InternalError("scalar program: not an operation on integers");
  }
}

uint64_t bool_op(Prim prim, bool a, bool b) {
  switch (prim) {
    case Prim::And:
    case Prim::Mul:
    case Prim::Min: return a && b;
    case Prim::Or:
    case Prim::Add:
    case Prim::Max: return a || b;
    case Prim::Xor: return a != b;
    case Prim::Not: return !a;
    default: throw InternalError("scalar program: not an operation on bools");
  }
}

template <class T>
bool compare(Prim prim, T a, T b) {
  if (prim == Prim::Eq) return a == b;
  return prim == Prim::Lt ? a < b : a <= b;
}

template <class T, class... Bits>
uint64_t call_as(void* function, Bits... bits) {
  return write(reinterpret_cast<T (*)(decltype(bits, T{})...)>(function)(read<T>(bits)...));
}

uint64_t call_library(uint64_t index, DType type, int arity, std::span<const uint64_t> x) {
  const LibraryFunction& f = library_functions()[index];
  if (type == DType::Float32) {
    if (arity == 1) return call_as<float>(f.f32, x[0]);
    return arity == 2 ? call_as<float>(f.f32, x[0], x[1]) : call_as<float>(f.f32, x[0], x[1], x[2]);
  }
  switch (arity) {
    case 1: return call_as<double>(f.f64, x[0]);
    case 2: return call_as<double>(f.f64, x[0], x[1]);
    case 3: return call_as<double>(f.f64, x[0], x[1], x[2]);
    default: return call_as<double>(f.f64, x[0], x[1], x[2], x[3]);
  }
}

uint64_t arithmetic(Prim prim, DType type, uint64_t a, uint64_t b, uint64_t c) {
  return with_type(type, [&]<class T>(T) -> uint64_t {
    if constexpr (std::is_same_v<T, bool>)
      return bool_op(prim, a != 0, b != 0);
    else if constexpr (std::is_floating_point_v<T>)
      return float_op<T>(prim, read<T>(a), read<T>(b), read<T>(c));
    else
      return integer_op<T>(prim, read<T>(a), read<T>(b), read<T>(c));
  });
}

uint64_t convert_bits(DType from, DType to, uint64_t bits) {
  return with_type(from, [&]<class From>(From) {
    return with_type(to, [&]<class To>(To) { return write<To>(convert_value<To, From>(read<From>(bits))); });
  });
}

}  // namespace

uint64_t evaluate(const ScalarProgram& program, std::span<const uint64_t> arguments,
                  std::vector<uint64_t>& scratch) {
  scratch.resize(program.code.size());
  for (size_t k = 0; k < program.code.size(); ++k) {
    const ScalarInstr& i = program.code[k];
    auto arg = [&](int n) { return n < i.arity ? scratch[i.args[n]] : uint64_t{0}; };
    const DType operand = i.arity > 0 ? program.code[i.args[0]].type : i.type;
    switch (i.prim) {
      case Prim::Argument: scratch[k] = arguments[i.payload]; break;
      case Prim::Constant: scratch[k] = i.payload; break;
      case Prim::Eq:
      case Prim::Lt:
      case Prim::Le:
        scratch[k] = with_type(operand, [&]<class T>(T) -> uint64_t {
          return compare<T>(i.prim, read<T>(arg(0)), read<T>(arg(1)));
        });
        break;
      case Prim::Select: scratch[k] = arg(0) ? arg(1) : arg(2); break;
      case Prim::Bitcast: scratch[k] = arg(0); break;
      case Prim::Convert: scratch[k] = convert_bits(operand, i.type, arg(0)); break;
      case Prim::Call:
        scratch[k] = call_library(i.payload, i.type, i.arity, std::array{arg(0), arg(1), arg(2), arg(3)});
        break;
      case Prim::Fallback:
        scratch[k] =
            arg(0) ? call_library(i.payload, i.type, i.arity - 2, std::array{arg(2), arg(3)}) : arg(1);
        break;
      default: scratch[k] = arithmetic(i.prim, i.type, arg(0), arg(1), arg(2));
    }
  }
  return scratch[program.result];
}

uint64_t evaluate(const ScalarProgram& program, std::span<const uint64_t> arguments) {
  std::vector<uint64_t> scratch;
  return evaluate(program, arguments, scratch);
}

}  // namespace croton
