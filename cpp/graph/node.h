// The expression graph: immutable nodes, interned so that equal expressions are one pointer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/array.h"
#include "base/dtype.h"

namespace croton {

struct Body;
struct OpSpec;
struct Node;
struct UserOp;

/// A dimension whose size is known only when the compiled function is called.
inline constexpr int64_t unknown = -1;

/// Element type and dimensions, each known or `unknown`. The rank is always known.
struct Type {
  DType dtype = DType::Float64;
  std::vector<int64_t> dims;
  int rank() const { return static_cast<int>(dims.size()); }
  bool operator==(const Type&) const = default;
};
/// For example "float32[?, 3]".
std::string to_string(const Type& type);

/// Where the user wrote an expression; `file` lives as long as the process.
struct Source {
  const char* file = nullptr;
  int line = 0;
};

/// A counted reference to a node; the empty reference means "none".
class Var {
 public:
  Var() = default;
  explicit Var(Node* node);
  Var(const Var& other);
  Var(Var&& other) noexcept : node_(other.node_) { other.node_ = nullptr; }
  Var& operator=(Var other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Var();
  Node* operator->() const { return node_; }
  Node& operator*() const { return *node_; }
  Node* get() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }

  const Type& type() const;
  DType dtype() const;
  int rank() const;

 private:
  Node* node_ = nullptr;
};
inline bool same(const Var& a, const Var& b) { return a.get() == b.get(); }

/// What distinguishes two uses of one op: a list of integers whose meaning the op's row gives (axes, a
/// permutation, an identity), and for leaves the data.
struct Attrs {
  std::vector<int64_t> ints;
  std::shared_ptr<const Array> value;     // constants
  std::shared_ptr<SharedStorage> shared;  // shared variables
  std::shared_ptr<const Body> body;       // loops: see graph/body.h
  std::shared_ptr<const UserOp> user;     // ops of the user's own: see graph/user_op.h
};

struct Node {
  const OpSpec* op;
  Attrs attrs;
  std::vector<Var> inputs;
  Type type;
  std::vector<Var> shape;  // sizes as int64 scalars; empty for leaves, whose sizes are `dim` nodes
  uint64_t id;             // creation order: inputs have smaller ids than the nodes that use them
  uint64_t hash;
  Source source;
  std::string name;  // leaves: the user's name for it
  std::atomic<uint32_t> references{0};
};

/// The node of `op` on `inputs`, its type and shape by the op's rule; an existing equal node if there is
/// one. Throws the rule's ValueError or TypeError, with the user's line.
Var make_node(const OpSpec& op, std::vector<Var> inputs, Attrs attrs = {});
/// The same op and attributes on other inputs.
Var rebuild(const Node& node, std::vector<Var> inputs);

/// Strides of an input that are not known numbers of elements: any at all, or as of an array that is dense
/// from this axis to the next.
inline constexpr int64_t any_stride = -1, dense_stride = -2;

/// A fresh input of the compiled function; dense in C order unless it has `strides`, one for each axis.
Var make_input(Type type, std::string name, std::vector<int64_t> strides = {});
/// Stands for a gradient of this type that does not exist; `message` says why.
Var make_null_gradient(Type type, std::string message);
/// A constant array. Small arrays with equal contents are one node.
Var make_constant(std::shared_ptr<const Array> value);
/// A 0-d constant.
Var make_scalar(DType type, double value);
Var make_int(int64_t value);
/// The variable standing for `storage`, whose current value each call reads.
Var make_shared(std::shared_ptr<SharedStorage> storage, Type type, std::string name);

/// The size of axis `axis` of `x` as an int64 scalar expression of input sizes.
Var dim(const Var& x, int axis);
/// All of them.
std::vector<Var> shape_of(const Var& x);

bool is_constant(const Var& x);
/// Whether `x` is a constant all of whose elements are `value`.
bool is_filled_with(const Var& x, double value);

/// The nodes that `roots` depend on, each after its inputs; those with smaller ids than `oldest`, which
/// cannot depend on it, may be left out.
std::vector<Node*> topological_order(std::span<const Var> roots, uint64_t oldest = 0);
size_t count_nodes(std::span<const Var> roots);

/// Nodes made on this thread get this source until the guard goes.
class SourceScope {
 public:
  explicit SourceScope(Source source);
  ~SourceScope();
  static Source current();

 private:
  Source previous_;
};

}  // namespace croton
