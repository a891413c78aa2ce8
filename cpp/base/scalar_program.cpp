#include "base/scalar_program.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/hash.h"

namespace croton {
namespace {

uint64_t encode(DType type, double value) {
  if (type == DType::Float64) return std::bit_cast<uint64_t>(value);
  if (type == DType::Float32) return std::bit_cast<uint32_t>(static_cast<float>(value));
  if (type == DType::Bool) return value != 0;
  uint64_t bits =
      value < 0 ? static_cast<uint64_t>(static_cast<int64_t>(value)) : static_cast<uint64_t>(value);
  size_t width = 8 * size_of(type);
  return width == 64 ? bits : bits & ((uint64_t{1} << width) - 1);
}

uint64_t hash_instr(const ScalarInstr& i) {
  uint64_t h = mix(static_cast<uint64_t>(i.prim) << 8 | static_cast<uint64_t>(i.type), i.payload);
  for (int k = 0; k < i.arity; ++k) h = mix(h, i.args[k]);
  return h;
}

Value unary(Prim prim, Value a) { return a.builder().emit(prim, a.type(), {a}); }
Value binary(Prim prim, Value a, Value b) { return a.builder().emit(prim, a.type(), {a, b}); }
Value comparison(Prim prim, Value a, Value b) { return a.builder().emit(prim, DType::Bool, {a, b}); }

}  // namespace

DType Value::type() const { return builder_->type(id_); }
Value Value::constant(double value) const { return builder_->constant(type(), value); }
Value Value::bits(uint64_t bits) const { return builder_->constant_bits(type(), bits); }

Value ScalarBuilder::argument(DType type) {
  uint32_t index = static_cast<uint32_t>(program_.arguments.size());
  program_.arguments.push_back(type);
  return {this, intern({Prim::Argument, type, 0, {}, index})};
}

Value ScalarBuilder::constant(DType type, double value) { return constant_bits(type, encode(type, value)); }

Value ScalarBuilder::constant_bits(DType type, uint64_t bits) {
  return {this, intern({Prim::Constant, type, 0, {}, bits})};
}

Value ScalarBuilder::emit(Prim prim, DType type, std::initializer_list<Value> args, uint64_t payload) {
  ScalarInstr instr{prim, type, static_cast<uint8_t>(args.size()), {}, payload};
  int k = 0;
  for (const Value& arg : args) instr.args[k++] = arg.id();
  return {this, intern(instr)};
}

Value ScalarBuilder::inline_program(const ScalarProgram& program, Args args) {
  std::vector<uint32_t> map;
  map.reserve(program.code.size());
  for (ScalarInstr instr : program.code) {
    if (instr.prim == Prim::Argument) {
      map.push_back(args[instr.payload].id());
      continue;
    }
    for (int k = 0; k < instr.arity; ++k) instr.args[k] = map[instr.args[k]];
    map.push_back(intern(instr));
  }
  return {this, map[program.result]};
}

ScalarProgram ScalarBuilder::finish(Value result) {
  program_.result = result.id();
  return std::move(program_);
}

uint32_t ScalarBuilder::intern(const ScalarInstr& instr) {
  if (seen_.size() < 2 * (program_.code.size() + 1)) grow();
  uint64_t hash = hash_instr(instr);
  for (size_t slot = hash & (seen_.size() - 1);; slot = (slot + 1) & (seen_.size() - 1)) {
    auto& [stored_hash, stored] = seen_[slot];
    if (stored == 0) {
      program_.code.push_back(instr);
      stored_hash = hash;
      stored = static_cast<uint32_t>(program_.code.size());
      return stored - 1;
    }
    if (stored_hash == hash && program_.code[stored - 1] == instr) return stored - 1;
  }
}

void ScalarBuilder::grow() {
  std::vector<std::pair<uint64_t, uint32_t>> old(seen_.empty() ? 32 : 2 * seen_.size());
  std::swap(old, seen_);
  for (auto& [hash, stored] : old) {
    if (stored == 0) continue;
    size_t slot = hash & (seen_.size() - 1);
    while (seen_[slot].second != 0) slot = (slot + 1) & (seen_.size() - 1);
    seen_[slot] = {hash, stored};
  }
}

ScalarProgram record(ScalarFunction function, std::span<const DType> types) {
  ScalarBuilder builder;
  std::vector<Value> args;
  for (DType type : types) args.push_back(builder.argument(type));
  return builder.finish(function(args));
}

Value operator+(Value a, Value b) { return binary(Prim::Add, a, b); }
Value operator-(Value a, Value b) { return binary(Prim::Sub, a, b); }
Value operator*(Value a, Value b) { return binary(Prim::Mul, a, b); }
Value operator/(Value a, Value b) { return binary(Prim::Div, a, b); }
Value operator%(Value a, Value b) { return binary(Prim::Rem, a, b); }
Value operator-(Value a) { return unary(Prim::Neg, a); }
Value operator+(Value a, double b) { return a + a.constant(b); }
Value operator-(Value a, double b) { return a - a.constant(b); }
Value operator*(Value a, double b) { return a * a.constant(b); }
Value operator/(Value a, double b) { return a / a.constant(b); }
Value operator+(double a, Value b) { return b.constant(a) + b; }
Value operator-(double a, Value b) { return b.constant(a) - b; }
Value operator*(double a, Value b) { return b.constant(a) * b; }
Value operator/(double a, Value b) { return b.constant(a) / b; }
Value operator&(Value a, Value b) { return binary(Prim::And, a, b); }
Value operator|(Value a, Value b) { return binary(Prim::Or, a, b); }
Value operator^(Value a, Value b) { return binary(Prim::Xor, a, b); }
Value operator~(Value a) { return unary(Prim::Not, a); }
Value operator<<(Value a, int count) { return shift_left(a, a.constant(count)); }
Value operator>>(Value a, int count) { return shift_right(a, a.constant(count)); }
Value operator<(Value a, Value b) { return comparison(Prim::Lt, a, b); }
Value operator<=(Value a, Value b) { return comparison(Prim::Le, a, b); }
Value operator>(Value a, Value b) { return comparison(Prim::Lt, b, a); }
Value operator>=(Value a, Value b) { return comparison(Prim::Le, b, a); }
Value operator<(Value a, double b) { return a < a.constant(b); }
Value operator<=(Value a, double b) { return a <= a.constant(b); }
Value operator>(Value a, double b) { return a > a.constant(b); }
Value operator>=(Value a, double b) { return a >= a.constant(b); }
Value eq(Value a, Value b) { return comparison(Prim::Eq, a, b); }
Value eq(Value a, double b) { return eq(a, a.constant(b)); }
Value ne(Value a, Value b) { return ~eq(a, b); }
Value is_nan(Value a) { return ne(a, a); }
Value is_inf(Value a) { return eq(abs(a), std::numeric_limits<double>::infinity()); }
Value shift_left(Value a, Value count) { return binary(Prim::Shl, a, count); }
Value shift_right(Value a, Value count) { return binary(Prim::Shr, a, count); }
Value fma(Value a, Value b, Value c) { return a.builder().emit(Prim::Fma, a.type(), {a, b, c}); }
Value fma(Value a, Value b, double c) { return fma(a, b, a.constant(c)); }
Value abs(Value a) { return unary(Prim::Abs, a); }
Value sqrt(Value a) { return unary(Prim::Sqrt, a); }
Value floor(Value a) { return unary(Prim::Floor, a); }
Value ceil(Value a) { return -floor(-a); }
Value trunc(Value a) { return unary(Prim::Trunc, a); }
Value round_even(Value a) { return unary(Prim::RoundEven, a); }
Value min(Value a, Value b) { return binary(Prim::Min, a, b); }
Value max(Value a, Value b) { return binary(Prim::Max, a, b); }
Value select(Value condition, Value a, Value b) {
  return a.builder().emit(Prim::Select, a.type(), {condition, a, b});
}
Value select(Value condition, double a, Value b) { return select(condition, b.constant(a), b); }
Value select(Value condition, Value a, double b) { return select(condition, a, a.constant(b)); }
Value bitcast(Value a, DType type) {
  return a.type() == type ? a : a.builder().emit(Prim::Bitcast, type, {a});
}
Value convert(Value a, DType type) {
  return a.type() == type ? a : a.builder().emit(Prim::Convert, type, {a});
}

Value copy_sign(Value magnitude, Value sign) {
  DType bits = size_of(magnitude.type()) == 4 ? DType::UInt32 : DType::UInt64;
  Value sign_bit = magnitude.builder().constant_bits(bits, uint64_t{1} << (8 * size_of(bits) - 1));
  return bitcast((bitcast(abs(magnitude), bits)) | (bitcast(sign, bits) & sign_bit), magnitude.type());
}

namespace {
uint64_t library_index(std::string_view function) {
  return static_cast<uint64_t>(&library_function(function) - library_functions().data());
}
}  // namespace

Value call(std::string_view function, Args args) {
  ScalarBuilder& b = args[0].builder();
  uint64_t index = library_index(function);
  DType type = args[0].type();
  switch (args.size()) {
    case 1: return b.emit(Prim::Call, type, {args[0]}, index);
    case 2: return b.emit(Prim::Call, type, {args[0], args[1]}, index);
    case 3: return b.emit(Prim::Call, type, {args[0], args[1], args[2]}, index);
    default: return b.emit(Prim::Call, type, {args[0], args[1], args[2], args[3]}, index);
  }
}

Value fallback(Value mask, Value fast, std::string_view function, Args args) {
  ScalarBuilder& b = fast.builder();
  uint64_t index = library_index(function);
  if (args.size() == 1) return b.emit(Prim::Fallback, fast.type(), {mask, fast, args[0]}, index);
  return b.emit(Prim::Fallback, fast.type(), {mask, fast, args[0], args[1]}, index);
}

Value polynomial(Value x, std::span<const double> coefficients) {
  std::vector<Value> terms;
  for (size_t k = 0; k < coefficients.size(); k += 2) {
    Value low = x.constant(coefficients[k]);
    bool pair = k + 1 < coefficients.size();
    terms.push_back(pair ? fma(x.constant(coefficients[k + 1]), x, low) : low);
  }
  for (Value power = x; terms.size() > 1;) {
    power = power * power;
    std::vector<Value> joined;
    for (size_t k = 0; k < terms.size(); k += 2)
      joined.push_back(k + 1 < terms.size() ? fma(power, terms[k + 1], terms[k]) : terms[k]);
    terms = std::move(joined);
  }
  return terms.front();
}

Value horner(Value x, std::span<const double> coefficients) {
  Value sum = x.constant(coefficients.back());
  for (size_t k = coefficients.size() - 1; k-- > 0;) sum = fma(sum, x, coefficients[k]);
  return sum;
}

}  // namespace croton
