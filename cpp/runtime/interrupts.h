// Asking, now and then, whether the user wants a long call to stop.
#pragma once

namespace croton {

/// Makes the calling thread the one that polls, and `poll` what it calls at most about every 50 ms: between
/// the chunks of parallel loops and wherever poll_now_if_due() stands. `poll` may throw (Interrupted), which
/// ends the computation. nullptr turns polling off.
void set_poll(void (*poll)());

/// Calls the poll function when this is the polling thread and the time has come; a few nanoseconds
/// otherwise.
void poll_now_if_due();

/// While one lives, the thread does not poll: what has begun to change shared variables runs to its end.
class PollPause {
 public:
  PollPause();
  ~PollPause();

 private:
  bool previous_;
};

}  // namespace croton
