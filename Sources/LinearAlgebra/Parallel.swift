internal import COpenBLAS
internal import Dispatch
internal import Synchronization

/// Work over fixed blocks on a bounded number of threads.
///
/// Blocks are cut by size, never by the number of threads, and partial results are combined in
/// block order. So a result has the same bytes on any number of threads.
public enum Parallel {
  private static let requested = Atomic<Int>(0)

  /// The number of threads that blocks are spread over; at first the machine's processor count.
  public static var threads: Int {
    let value = requested.load(ordering: .relaxed)
    return value > 0 ? value : BLAS.processors
  }

  /// Sets the number of threads for the whole process; values below one count as one.
  public static func setThreads(_ count: Int) {
    requested.store(max(1, count), ordering: .relaxed)
  }

  /// Runs `body` once for each block index in `0..<count`, in any order.
  public static func forBlocks(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for block in 0..<max(0, count) { body(block) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard block < count else { return }
        body(block)
      }
    }
  }

  /// The results of `body` for each block index, in block order.
  public static func mapBlocks<T: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> T
  ) -> [T] {
    guard min(threads, count) > 1 else { return (0..<max(0, count)).map(body) }
    let slots = [T?](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let base = buffer
      for block in 0..<count { base.initializeElement(at: block, to: nil) }
      // Each block writes its own slot only.
      forBlocks(count) { block in base[block] = body(block) }
      initialized = count
    }
    return slots.compactMap { $0 }
  }

  /// The row ranges of fixed size that `count` rows fall into.
  public static func ranges(of count: Int, size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: max(1, size)).map { $0..<min(count, $0 + max(1, size)) }
  }
}

/// The one place that configures OpenBLAS.
enum BLAS {
  /// Processors that OpenBLAS saw when it was loaded.
  static let processors = Int(openblas_get_num_procs())

  /// Whether the installed OpenBLAS may be called from several threads at once.
  ///
  /// The serial variant returns wrong numbers when it is called concurrently, and BLAS threads under
  /// ours stall, so the pthread variant is required and held at one thread. Every call into BLAS or
  /// LAPACK goes through `ready`.
  private static let configured: Bool = {
    openblas_set_num_threads(1)
    return openblas_get_parallel() == 1
  }()

  @inline(__always)
  static func ready() {
    precondition(
      configured,
      "Sibling needs OpenBLAS's pthread variant (Debian: libopenblas0-pthread, libopenblas-dev)")
  }
}

/// What the linked BLAS says of itself, for manifests and `sibling doctor`.
public enum BLASInformation {
  /// The processor kernel that OpenBLAS chose, such as `Haswell`; results can differ between kernels.
  public static var kernel: String { String(cString: openblas_get_corename()) }

  /// The build configuration, with version and threading.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// Whether the variant is the pthread one, the only one that Sibling accepts.
  public static var isThreadSafe: Bool { openblas_get_parallel() == 1 }
}
