internal import Synchronization

/// Whether the user has asked to stop; engines look at it while they wait and then stop the query on the server.
public enum StopRequest {
  private static let flag = Atomic<Bool>(false)
  private static let waiting = Atomic<Int>(0)

  /// Whether it was asked for.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Asks every engine to stop; safe to call from a signal handler.
  ///
  /// - Returns: whether an engine is at work and will end the query before the process ends. A second request
  ///   is not waited for.
  public static func request() -> Bool {
    let isSecond = flag.exchange(true, ordering: .relaxed)
    return !isSecond && waiting.load(ordering: .relaxed) > 0
  }

  /// Takes the request back.
  public static func reset() { flag.store(false, ordering: .relaxed) }

  /// Marks the time during which an engine is at work and looks at requests.
  public static func watching<Answer, Failure: Error>(
    _ body: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    waiting.add(1, ordering: .relaxed)
    defer { waiting.subtract(1, ordering: .relaxed) }
    return try body()
  }
}
