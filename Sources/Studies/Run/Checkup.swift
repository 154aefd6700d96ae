internal import Engines
internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The checks of `sibling doctor`.
public enum Checkup {
  /// One thing that was checked.
  public struct Check: Sendable {
    /// What was checked.
    public let name: String
    /// Whether it is as it should be.
    public let passed: Bool
    /// Whether it is something optional that isn't there.
    public var isAbsent = false
    /// What was found.
    public let detail: String
  }

  /// Whether an interrupted process must first finish what it is writing; see `WholeWriting`.
  public static func postponesExit(_ status: Int32) -> Bool {
    WholeWriting.postpones(status: status)
  }

  /// Whether an engine is at work that will stop its query on the server and then end the run.
  public static func stopsEngine() -> Bool { StopRequest.request() }

  /// Runs all checks.
  public static func run() -> [Check] {
    [
      Check(name: "sibling", passed: true, detail: "version \(SiblingVersion.text)"),
      Check(
        name: "OpenBLAS", passed: BLASInformation.isThreadSafe,
        detail: BLASInformation.isThreadSafe
          ? BLASInformation.configuration
          : "the linked variant is not the pthread one; install libopenblas0-pthread"),
      Check(name: "kernel", passed: true, detail: BLASInformation.kernel),
      Check(name: "threads", passed: true, detail: "\(Parallel.threads)"),
      knownAnswer(),
      sameStream(),
      writable(),
    ] + companions + EngineRegistry.checks
  }

  /// Programs that some verbs call; the rest works without them.
  private static var companions: [Check] {
    [
      ("rsvg-convert", "librsvg2-bin", "pictures as PNG"),
      ("pandoc", "pandoc", "reports as Word files"),
    ].map { program, package, use in
      let isThere = isInstalled(program)
      return Check(
        name: program, passed: true, isAbsent: !isThere,
        detail: isThere ? "found, for \(use)" : "not found; \(use) need the package \(package)")
    }
  }

  private static func isInstalled(_ program: String) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Results rest on random streams that are the same everywhere.
  private static func sameStream() -> Check {
    var stream = RandomStream(seed: 1, name: "doctor")
    let first = stream.next()
    let passed = first == 11_267_929_832_339_879_654
    return Check(
      name: "random streams", passed: passed,
      detail: passed
        ? "the first draw is as it should be"
        : "the first draw is wrong (\(first)): resampling can't be reproduced here")
  }

  /// Reports appear whole or not at all, which needs a folder beside them.
  private static func writable() -> Check {
    let passed = access(".", W_OK) == 0
    return Check(
      name: "current folder", passed: true,
      detail: passed
        ? "reports can be written below it"
        : "can't be written to; name another with --output")
  }

  /// The 3 × 3 Hilbert matrix has determinant 1/2160.
  private static func knownAnswer() -> Check {
    let hilbert = Matrix(
      columns: (0..<3).map { j in (0..<3).map { i in 1 / Double(i + j + 1) } })
    let determinant = (try? Cholesky(hilbert))?.logDeterminant ?? .nan
    // log(1/2160)
    let passed = (determinant + 7.677_863_500_678_57).magnitude < 1e-10
    return Check(
      name: "known answer", passed: passed,
      detail: passed
        ? "the factorisation agrees with the closed form"
        : "a 3 × 3 factorisation is wrong: the linked BLAS can't be trusted")
  }
}
