// The user's line: the innermost Python frame outside the croton package.
#pragma once

#include "graph/node.h"

namespace croton {

/// Nodes made while it lives are marked with the line of the user's program that is running.
class UserSource {
 public:
  UserSource();

 private:
  SourceScope scope_;
};

/// Frames of files below this folder are never the user's.
void set_package_folder(const std::string& folder);

}  // namespace croton
