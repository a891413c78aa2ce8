// The rule families, each in the file of its name. Order matters within a family only.
#pragma once

#include "rewrite/rewrite.h"

namespace croton::rules {

/// Expressions of small constants become constants.
std::vector<Rule> constants();
/// But for what may overflow, or round to 0 or 1: until stable forms have been found.
std::vector<Rule> constants_in_range();
/// Neutral elements, negations, powers, selections, casts.
std::vector<Rule> algebra();
/// Forms that neither overflow nor cancel. They need whole trees: before composites are expanded.
std::vector<Rule> stable();
/// Views of views, and views moved to where they do not cut fusion.
std::vector<Rule> movement();
/// Reductions of reductions, of views, and along axes of size 1.
std::vector<Rule> reductions();
/// Matrix products as the backends want them.
std::vector<Rule> products();
/// Convolutions without kernels of their own, and those that are better as sums.
std::vector<Rule> convolutions();
/// Slices of whole convolutions: before those become sums.
std::vector<Rule> convolution_slices();
/// Composites become what they stand for.
std::vector<Rule> composites();

/// The families one after another, without rules that are only Fast unless `fast`.
std::vector<Rule> join(std::initializer_list<std::vector<Rule>> families, bool fast = false);

}  // namespace croton::rules
