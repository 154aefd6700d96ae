internal import Glibc
internal import Statistics

/// Waiting between tries, cut short when the user asks to stop.
enum Pause {
  /// Waits.
  ///
  /// - Throws: `interrupted` as soon as the user asks to stop.
  static func orStop(_ seconds: Double) throws(SiblingError) {
    var left = seconds
    while !StopRequest.isRequested {
      if left <= 0 { return }
      usleep(useconds_t(min(left, 0.1) * 1_000_000))
      left -= 0.1
    }
    throw Stopped.error
  }
}
