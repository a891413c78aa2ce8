#include "graph/node.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/evaluate.h"
#include "base/hash.h"
#include "graph/body.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/op_spec.h"
#include "graph/scalar_io.h"
#include "graph/user_op.h"

namespace croton {
namespace {

constexpr size_t small_constant_bytes = 64;  // larger arrays are told apart by address, not by contents

const void* identity_of(const Attrs& attrs) { return attrs.user ? attrs.user->identity : nullptr; }

uint64_t hash_node(const OpSpec* op, const Attrs& attrs, std::span<const Var> inputs, const Type& type) {
  uint64_t h = mix(reinterpret_cast<uintptr_t>(op), static_cast<uint64_t>(type.dtype));
  for (int64_t i : attrs.ints) h = mix(h, static_cast<uint64_t>(i));
  for (int64_t d : type.dims) h = mix(h, static_cast<uint64_t>(d));
  for (const Var& input : inputs) h = mix(h, input->id);
  h = mix(h, reinterpret_cast<uintptr_t>(attrs.shared.get()));
  h = mix(h, reinterpret_cast<uintptr_t>(identity_of(attrs)));
  if (attrs.body)
    for (const auto* part : {&attrs.body->inputs, &attrs.body->outputs})
      for (const Var& x : *part) h = mix(h, x->id);
  if (attrs.value && attrs.value->bytes() <= small_constant_bytes)
    return hash_bytes(attrs.value->data.get(), attrs.value->bytes(), h);
  return mix(h, reinterpret_cast<uintptr_t>(attrs.value.get()));
}

bool same_value(const Array* a, const Array* b) {
  if (a == b || !a || !b) return a == b;
  return a->bytes() <= small_constant_bytes && a->dtype == b->dtype && a->shape == b->shape &&
         std::memcmp(a->data.get(), b->data.get(), a->bytes()) == 0;
}

bool equal_nodes(const Node& node, const OpSpec* op, const Attrs& attrs, std::span<const Var> inputs,
                 const Type& type) {
  return node.op == op && node.attrs.ints == attrs.ints && node.type == type &&
         node.attrs.shared == attrs.shared && identity_of(node.attrs) == identity_of(attrs) &&
         (node.attrs.body == attrs.body ||
          (node.attrs.body && attrs.body && same_body(*node.attrs.body, *attrs.body))) &&
         same_value(node.attrs.value.get(), attrs.value.get()) &&
         std::equal(node.inputs.begin(), node.inputs.end(), inputs.begin(), inputs.end(), same);
}

// All living nodes. Leaked on purpose: Vars in static storage may outlive any destructor order.
struct Interner {
  std::mutex mutex;
  std::unordered_multimap<uint64_t, Node*> nodes;
  uint64_t next_id = 1;

  static Interner& get() {
    static Interner* interner = new Interner;
    return *interner;
  }
  Node* find(uint64_t hash, const OpSpec* op, const Attrs& attrs, std::span<const Var> inputs,
             const Type& type) {
    auto [begin, end] = nodes.equal_range(hash);
    for (auto it = begin; it != end; ++it)
      if (equal_nodes(*it->second, op, attrs, inputs, type)) return it->second;
    return nullptr;
  }
  void erase(Node* node) {
    auto [begin, end] = nodes.equal_range(node->hash);
    for (auto it = begin; it != end; ++it)
      if (it->second == node) {
        nodes.erase(it);
        return;
      }
  }
};

thread_local std::vector<Node*> doomed;
thread_local bool destroying = false;

// Deletes nodes without recursion, however deep the graph.
void destroy(Node* node) {
  doomed.push_back(node);
  if (destroying) return;
  destroying = true;
  while (!doomed.empty()) {
    Node* next = doomed.back();
    doomed.pop_back();
    delete next;  // its Vars release more nodes, which queue up here
  }
  destroying = false;
}

void release(Node* node) {
  uint32_t count = node->references.load(std::memory_order_relaxed);
  while (count > 1)
    if (node->references.compare_exchange_weak(count, count - 1, std::memory_order_acq_rel)) return;
  // The last reference goes only under the lock, so that a look-up never revives a dying node.
  Interner& interner = Interner::get();
  {
    std::lock_guard lock(interner.mutex);
    if (node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    interner.erase(node);
  }
  destroy(node);
}

Var intern(const OpSpec& op, std::vector<Var> inputs, Attrs attrs, Type type, std::vector<Var> shape,
           std::string name = "") {
  uint64_t hash = hash_node(&op, attrs, inputs, type);
  Interner& interner = Interner::get();
  std::lock_guard lock(interner.mutex);
  if (Node* known = interner.find(hash, &op, attrs, inputs, type)) return Var(known);
  Node* node = new Node{.op = &op,
                        .attrs = std::move(attrs),
                        .inputs = std::move(inputs),
                        .type = std::move(type),
                        .shape = std::move(shape),
                        .id = interner.next_id++,
                        .hash = hash,
                        .source = SourceScope::current(),
                        .name = std::move(name)};
  interner.nodes.emplace(hash, node);
  return Var(node);
}

thread_local Source current_source;

std::shared_ptr<const Array> scalar_array(DType type, double value) {
  auto array = std::make_shared<Array>();
  array->dtype = type;
  array->data = std::make_shared<std::array<char, 16>>();
  store_scalar(type, value, array->data.get());
  return array;
}

}  // namespace

Var::Var(Node* node) : node_(node) {
  if (node_) node_->references.fetch_add(1, std::memory_order_relaxed);
}
Var::Var(const Var& other) : Var(other.node_) {}
Var::~Var() {
  if (node_) release(node_);
}
const Type& Var::type() const { return node_->type; }
DType Var::dtype() const { return node_->type.dtype; }
int Var::rank() const { return node_->type.rank(); }

std::string to_string(const Type& type) {
  std::string text(name(type.dtype));
  text += '[';
  for (size_t i = 0; i < type.dims.size(); ++i) {
    if (i) text += ", ";
    text += type.dims[i] == unknown ? "?" : std::to_string(type.dims[i]);
  }
  return text + ']';
}

// An elementwise op on known int64 scalars, computed at once: sizes stay known however they are made.
Var fold_integers(const OpSpec& op, std::span<const Var> inputs) {
  if (op.kind != OpKind::Elementwise || !op.scalar || !op.signature || inputs.empty()) return {};
  std::vector<uint64_t> bits;
  for (const Var& x : inputs) {
    if (!is_constant(x) || x.rank() != 0 || x.dtype() != DType::Int64) return {};
    bits.push_back(static_cast<uint64_t>(*x->attrs.value->as<int64_t>()));
  }
  std::vector<DType> types(inputs.size(), DType::Int64);
  if (op.signature(types).operands != types) return {};
  ScalarProgram program = record(op.scalar, types);
  if (program.code[program.result].type != DType::Int64) return {};
  return make_int(static_cast<int64_t>(evaluate(program, bits)));
}

Type type_of(const ResultSpec& result) {
  Type type{result.dtype, {}};
  for (const Var& size : result.sizes)
    type.dims.push_back(is_constant(size) ? *size->attrs.value->as<int64_t>() : unknown);
  return type;
}

Type infer_type(const OpSpec& op, Inputs inputs, const Attrs& attrs) {
  if (op.results) return type_of(op.results(inputs, attrs)[0]);
  return op.kind == OpKind::Elementwise ? broadcast_type(op, inputs, attrs) : op.infer(inputs, attrs);
}

// Those that are not known are checked when the call is planned.
void check_known_sizes(const OpSpec& op, Inputs inputs) {
  for (const auto& [a, b] : op.equal_sizes(inputs)) {
    if (!is_constant(a) || !is_constant(b) || same(a, b)) continue;
    std::string given;
    for (const Var& x : inputs) given += (given.empty() ? ", given " : " and ") + describe(x);
    throw ValueError(std::string(op.name) + ": required equal sizes" + given + source_text(current_source));
  }
}

Var make_node(const OpSpec& op, std::vector<Var> inputs, Attrs attrs) {
  if (Var folded = fold_integers(op, inputs)) return folded;
  std::vector<Var> shape;
  Type type = infer_type(op, inputs, attrs);
  if (op.equal_sizes) check_known_sizes(op, inputs);
  if (type.rank() > 0) {
    shape = op.results                       ? op.results(inputs, attrs)[0].sizes
            : op.kind == OpKind::Elementwise ? broadcast_shape(inputs, type)
                                             : op.shape(inputs, attrs, type);
    for (int axis = 0; axis < type.rank(); ++axis) {
      if (type.dims[axis] != unknown)
        shape[axis] = make_int(type.dims[axis]);
      else if (is_constant(shape[axis]))
        type.dims[axis] = *shape[axis]->attrs.value->as<int64_t>();
    }
  }
  return intern(op, std::move(inputs), std::move(attrs), std::move(type), std::move(shape));
}

Var rebuild(const Node& node, std::vector<Var> inputs) {
  SourceScope scope(node.source);
  return make_node(*node.op, std::move(inputs), node.attrs);
}

std::atomic<int64_t> next_identity{0};

Var make_null_gradient(Type type, std::string message) {
  return intern(null_gradient_op, {}, {.ints = {next_identity++}}, std::move(type), {}, std::move(message));
}

Var make_input(Type type, std::string name, std::vector<int64_t> strides) {
  strides.insert(strides.begin(), next_identity++);
  return intern(input_op, {}, {.ints = std::move(strides)}, std::move(type), {}, std::move(name));
}

Var make_constant(std::shared_ptr<const Array> value) {
  Type type{value->dtype, value->shape};
  return intern(constant_op, {}, {.value = std::move(value)}, std::move(type), {});
}

Var make_scalar(DType type, double value) { return make_constant(scalar_array(type, value)); }

Var make_int(int64_t value) {
  auto array = std::make_shared<Array>();
  array->dtype = DType::Int64;
  array->data = std::make_shared<int64_t>(value);
  return make_constant(std::move(array));
}

Var make_shared(std::shared_ptr<SharedStorage> storage, Type type, std::string name) {
  return intern(shared_op, {}, {.shared = std::move(storage)}, std::move(type), {}, std::move(name));
}

Var dim(const Var& x, int axis) {
  if (x.type().dims[axis] != unknown) return make_int(x.type().dims[axis]);
  if (!x->shape.empty()) return x->shape[axis];
  return intern(dim_op, {x}, {.ints = {axis}}, Type{DType::Int64, {}}, {});
}

std::vector<Var> shape_of(const Var& x) {
  std::vector<Var> sizes;
  for (int axis = 0; axis < x.rank(); ++axis) sizes.push_back(dim(x, axis));
  return sizes;
}

bool is_constant(const Var& x) { return x->op == &constant_op; }

bool is_filled_with(const Var& x, double value) {
  if (!is_constant(x)) return false;
  const Array& array = *x->attrs.value;
  if (array.size() == 0 || array.size() > 1024) return false;
  const char* data = array.as<const char>();
  for (int64_t i = 0; i < array.size(); ++i)
    if (is_complex(array.dtype) || load_scalar(array.dtype, data + i * size_of(array.dtype)) != value)
      return false;
  return true;
}

std::vector<Node*> topological_order(std::span<const Var> roots, uint64_t oldest) {
  std::unordered_set<Node*> seen;
  std::vector<Node*> order;
  auto reach = [&](const Var& x) {
    if (x->id >= oldest && seen.insert(x.get()).second) order.push_back(x.get());
  };
  for (const Var& root : roots) reach(root);
  for (size_t i = 0; i < order.size(); ++i)
    for (const Var& input : order[i]->inputs) reach(input);
  std::sort(order.begin(), order.end(), [](Node* a, Node* b) { return a->id < b->id; });
  return order;
}

size_t count_nodes(std::span<const Var> roots) { return topological_order(roots).size(); }

SourceScope::SourceScope(Source source) : previous_(current_source) { current_source = source; }
SourceScope::~SourceScope() { current_source = previous_; }
Source SourceScope::current() { return current_source; }

}  // namespace croton
