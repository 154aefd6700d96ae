internal import Glibc
internal import Synchronization

/// Stretches of work that an interrupt must not cut in two: a file or folder taking its name.
///
/// The program's handler asks `postpones()`: while something is being written it answers true and
/// remembers; the process then ends as soon as the writing is done, with nothing half-written.
public enum WholeWriting {
  private static let depth = Atomic<Int>(0)
  private static let pending = Atomic<Int32>(0)

  /// Runs `body`, which writes, to its end before an interrupt takes effect.
  ///
  /// - Throws: what `body` throws.
  public static func perform<Result, Failure>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    depth.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer {
      let left = depth.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
      let status = pending.load(ordering: .sequentiallyConsistent)
      if left == 0, status != 0 { _exit(status) }
    }
    return try body()
  }

  /// Whether the process must go on for now; if so it ends with `status` when the writing is done.
  ///
  /// Called from a signal handler, so it touches atomics only.
  public static func postpones(status: Int32) -> Bool {
    pending.store(status, ordering: .sequentiallyConsistent)
    return depth.load(ordering: .sequentiallyConsistent) > 0
  }
}
