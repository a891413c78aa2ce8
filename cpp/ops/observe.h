// Looking at values while a function runs: what prints and assertions are made of.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/host_call.h"
#include "graph/node.h"

namespace croton {

/// Receives the values of some expressions while a function runs. What it throws ends the call.
using Observer = std::function<void(std::span<const HostArray> values)>;

/// Keeps `observer` for the life of the process and returns its number.
int64_t keep_observer(Observer observer);
/// An observer of bools that throws AssertionError(`message`) unless all of them are true.
int64_t keep_assertion(std::string message);

/// `x`, computed once the observer of this number has seen `values`. Of equal calls with the same `identity`
/// there is one.
Var observe(const Var& x, std::vector<Var> values, int64_t observer, int64_t identity);

/// Whether observers, or ops of the user's own, see anything of what is computed for `roots`.
bool has_observers(std::span<const Var> roots);

}  // namespace croton
