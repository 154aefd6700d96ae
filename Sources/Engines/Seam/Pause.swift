internal import Glibc

/// Waiting between tries, cut short when the user asks to stop.
enum Pause {
  static func seconds(_ seconds: Double) {
    var left = seconds
    while left > 0, !StopRequest.isRequested {
      usleep(useconds_t(min(left, 0.1) * 1_000_000))
      left -= 0.1
    }
  }
}
