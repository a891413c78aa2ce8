#include "cuda/scalar_text.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace croton::cuda {
namespace {

using Text = std::string;

Text hex(uint64_t bits, const char* suffix) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, bits, 16).ptr;
  return "0x" + Text(digits, end) + suffix;
}

// The shortest decimal that reads back as the same value; bits where there is none.
template <class T>
Text float_literal(T value, uint64_t bits) {
  constexpr bool single = sizeof(T) == 4;
  if (!std::isfinite(value))
    return single ? "__uint_as_float(" + hex(bits, "u)") : "__longlong_as_double(" + hex(bits, "ll)");
  char digits[40];
  Text text(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  if (text.find_first_of(".e") == Text::npos) text += ".0";
  if (single) text += "f";
  return std::signbit(value) ? "(" + text + ")" : text;
}

Text literal(DType type, uint64_t bits) {
  switch (type) {
    case DType::Bool: return bits & 1 ? "true" : "false";
    case DType::Float32: {
      uint32_t low = static_cast<uint32_t>(bits);
      return float_literal(std::bit_cast<float>(low), low);
    }
    case DType::Float64: return float_literal(std::bit_cast<double>(bits), bits);
    case DType::Int32: return "(int)" + hex(bits & 0xffffffff, "u");
    case DType::Int64: return "(long long)" + hex(bits, "ull");
    case DType::UInt32: return hex(bits & 0xffffffff, "u");
    case DType::UInt64: return hex(bits, "ull");
    default: return "(" + Text(type_name(type)) + ")" + std::to_string(static_cast<int16_t>(bits));
  }
}

// Integer arithmetic runs in unsigned words, where it wraps.
const char* word(DType type) { return size_of(type) == 8 ? "unsigned long long" : "unsigned int"; }

class Writer {
 public:
  explicit Writer(const ScalarProgram& program) : program_(program), used_(program.code.size()) {
    used_[program.result] = true;
    for (size_t k = program.code.size(); k-- > 0;)
      for (int n = 0; used_[k] && n < program.code[k].arity; ++n) used_[program.code[k].args[n]] = true;
  }

  Text function(std::string_view name) {
    Text text =
        "__device__ inline " + Text(type_name(program_.code[program_.result].type)) + " " + Text(name) + "(";
    for (size_t k = 0; k < program_.arguments.size(); ++k)
      text += (k ? ", " : "") + Text(type_name(program_.arguments[k])) + " a" + std::to_string(k);
    text += ") {\n";
    for (size_t k = 0; k < program_.code.size(); ++k) text += statement(k);
    return text + "  return " + value(static_cast<uint32_t>(program_.result)) + ";\n}\n";
  }

 private:
  const ScalarProgram& program_;
  std::vector<bool> used_;  // instructions that the result depends on

  // How later statements call the value of instruction `id`.
  Text value(uint32_t id) const {
    const ScalarInstr& i = program_.code[id];
    if (i.prim == Prim::Argument) return "a" + std::to_string(i.payload);
    if (i.prim == Prim::Constant) return literal(i.type, i.payload);
    return "v" + std::to_string(id);
  }
  DType operand_type(const ScalarInstr& i) const { return program_.code[i.args[0]].type; }

  Text statement(size_t id) const {
    const ScalarInstr& i = program_.code[id];
    if (!used_[id] || i.prim == Prim::Argument || i.prim == Prim::Constant) return "";
    Text name = value(static_cast<uint32_t>(id)), type(type_name(i.type));
    if (i.prim != Prim::Fallback) return "  const " + type + " " + name + " = " + expression(i) + ";\n";
    Text line = "  " + type + " " + name + " = " + value(i.args[1]) + ";\n";
    return line + "  if (" + value(i.args[0]) + ") " + name + " = " + library(i, 2) + ";\n";
  }

  Text library(const ScalarInstr& i, int first) const {
    const LibraryFunction& function = library_functions()[i.payload];
    if (function.host_only)
      throw NotImplemented(function.name +
                           ": required a function that GPUs have, given one of the host alone");
    Text text = "croton_" + function.name + "(";
    for (int k = first; k < i.arity; ++k) text += (k > first ? ", " : "") + value(i.args[k]);
    return text + ")";
  }

  Text expression(const ScalarInstr& i) const {
    auto x = [&](int k) { return value(i.args[k]); };
    switch (i.prim) {
      case Prim::Min: return x(0) + " < " + x(1) + " ? " + x(0) + " : " + x(1);
      case Prim::Max: return x(0) + " > " + x(1) + " ? " + x(0) + " : " + x(1);
      case Prim::Eq: return x(0) + " == " + x(1);
      case Prim::Lt: return x(0) + " < " + x(1);
      case Prim::Le: return x(0) + " <= " + x(1);
      case Prim::Select: return x(0) + " ? " + x(1) + " : " + x(2);
      case Prim::Bitcast: return bitcast(operand_type(i), i.type, x(0));
      case Prim::Convert: return convert(operand_type(i), i.type, x(0));
      case Prim::Call: return library(i, 0);
      default: break;
    }
    if (is_floating(i.type)) return float_expression(i);
    return is_bool(i.type) ? bool_expression(i) : integer_expression(i);
  }

  Text float_expression(const ScalarInstr& i) const {
    const bool single = i.type == DType::Float32;
    auto x = [&](int k) { return value(i.args[k]); };
    auto intrinsic = [&](const char* name) {
      Text text = (single ? "__f" : "__d") + Text(name) + "_rn(" + x(0);
      for (int k = 1; k < i.arity; ++k) text += ", " + x(k);
      return text + ")";
    };
    auto function = [&](const char* name) { return name + Text(single ? "f(" : "(") + x(0) + ")"; };
    switch (i.prim) {
      case Prim::Add: return intrinsic("add");
      case Prim::Sub: return intrinsic("sub");
      case Prim::Mul: return intrinsic("mul");
      case Prim::Div: return intrinsic("div");
      case Prim::Sqrt: return intrinsic("sqrt");
      case Prim::Fma: return (single ? "__fmaf_rn(" : "__fma_rn(") + x(0) + ", " + x(1) + ", " + x(2) + ")";
      case Prim::Neg: return "-" + x(0);
      case Prim::Abs: return function("fabs");
      case Prim::Floor: return function("floor");
      case Prim::Trunc: return function("trunc");
      case Prim::RoundEven: return function("rint");
      default: throw InternalError("CUDA text: not an operation on floats");
    }
  }

  Text bool_expression(const ScalarInstr& i) const {
    auto x = [&](int k) { return value(i.args[k]); };
    switch (i.prim) {
      case Prim::And:
      case Prim::Mul: return x(0) + " && " + x(1);
      case Prim::Or:
      case Prim::Add: return x(0) + " || " + x(1);
      case Prim::Xor: return x(0) + " != " + x(1);
      case Prim::Not: return "!" + x(0);
      default: throw InternalError("CUDA text: not an operation on bools");
    }
  }

  Text integer_expression(const ScalarInstr& i) const {
    Text type(type_name(i.type)), as_word = "(" + Text(word(i.type)) + ")";
    auto x = [&](int k) { return value(i.args[k]); };
    auto wrapped = [&](const Text& text) { return "(" + type + ")(" + text + ")"; };
    auto binary = [&](const char* op) { return wrapped(as_word + x(0) + op + as_word + x(1)); };
    switch (i.prim) {
      case Prim::Add: return binary(" + ");
      case Prim::Sub: return binary(" - ");
      case Prim::Mul: return binary(" * ");
      case Prim::And: return binary(" & ");
      case Prim::Or: return binary(" | ");
      case Prim::Xor: return binary(" ^ ");
      case Prim::Fma: return wrapped(as_word + x(0) + " * " + as_word + x(1) + " + " + as_word + x(2));
      case Prim::Div: return "croton_div<" + type + ">(" + x(0) + ", " + x(1) + ")";
      case Prim::Rem: return "croton_rem<" + type + ">(" + x(0) + ", " + x(1) + ")";
      case Prim::Neg: return wrapped("0 - " + as_word + x(0));
      case Prim::Not: return wrapped("~" + as_word + x(0));
      case Prim::Abs:
        return is_signed(i.type) ? x(0) + " < 0 ? " + wrapped("0 - " + as_word + x(0)) + " : " + x(0) : x(0);
      case Prim::Floor:
      case Prim::Trunc:
      case Prim::RoundEven: return x(0);
      case Prim::Shl: return wrapped(as_word + x(0) + " << " + count(i));
      case Prim::Shr: return wrapped(x(0) + " >> " + count(i));
      default: throw InternalError("CUDA text: not an operation on integers");
    }
  }

  // A shift count; masked, because rows may select another value where it is too large.
  Text count(const ScalarInstr& i) const {
    const ScalarInstr& c = program_.code[i.args[1]];
    const size_t last = 8 * size_of(i.type) - 1;
    if (c.prim == Prim::Constant) return std::to_string(c.payload & last);
    return "(" + value(i.args[1]) + " & " + std::to_string(last) + ")";
  }

  static Text bitcast(DType from, DType to, const Text& x) {
    Text cast = "(" + Text(type_name(to)) + ")";
    if (from == DType::Float32 && is_integer(to)) return cast + "__float_as_uint(" + x + ")";
    if (from == DType::Float64 && is_integer(to)) return cast + "__double_as_longlong(" + x + ")";
    if (to == DType::Float32 && is_integer(from)) return "__uint_as_float((unsigned int)" + x + ")";
    if (to == DType::Float64 && is_integer(from)) return "__longlong_as_double((long long)" + x + ")";
    return cast + x;
  }

  static Text convert(DType from, DType to, const Text& x) {
    Text type(type_name(to));
    if (is_bool(to)) return is_bool(from) ? x : x + " != 0";
    if (is_floating(from) && is_integer(to)) return "croton_saturate<" + type + ">(" + x + ")";
    return "(" + type + ")" + x;
  }
};

}  // namespace

std::string_view type_name(DType type) {
  switch (compute_type(type)) {
    case DType::Bool: return "bool";
    case DType::Int8: return "signed char";
    case DType::Int16: return "short";
    case DType::Int32: return "int";
    case DType::Int64: return "long long";
    case DType::UInt8: return "unsigned char";
    case DType::UInt16: return "unsigned short";
    case DType::UInt32: return "unsigned int";
    case DType::UInt64: return "unsigned long long";
    case DType::Float32: return "float";
    case DType::Float64: return "double";
    default: throw NotImplemented("CUDA: complex numbers are not supported in computations yet");
  }
}

std::string scalar_text(const ScalarProgram& program, std::string_view name) {
  return Writer(program).function(name);
}

}  // namespace croton::cuda
