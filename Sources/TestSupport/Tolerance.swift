/// How far two numbers may stand apart.
public struct Tolerance: Sendable {
  /// The relative bound.
  public var relative: Double
  /// The absolute bound, for values near zero.
  public var absolute: Double

  /// A tolerance; `absolute` defaults to the relative bound.
  public init(relative: Double, absolute: Double? = nil) {
    self.relative = relative
    self.absolute = absolute ?? relative
  }

  /// 1e-8: agreement with a published or peer value.
  public static let published = Tolerance(relative: 1e-8)
  /// 1e-10: agreement with a fully converged peer.
  public static let converged = Tolerance(relative: 1e-10)
  /// 1e-12: agreement with a closed form.
  public static let closedForm = Tolerance(relative: 1e-12)
  /// 1e-7: agreement with a peer that stops early.
  public static let stopsEarly = Tolerance(relative: 1e-7)

  /// Whether two numbers agree; NaN agrees with NaN, an infinity with itself.
  public func agrees(_ left: Double, _ right: Double) -> Bool {
    if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
    if left == right { return true }
    return (left - right).magnitude
      <= Swift.max(absolute, relative * Swift.max(left.magnitude, right.magnitude))
  }
}

/// Whether two numbers agree within a tolerance.
public func close(_ left: Double, _ right: Double, _ tolerance: Tolerance = .published) -> Bool {
  tolerance.agrees(left, right)
}

/// Whether two arrays have one length and agree entry by entry.
public func close(_ left: [Double], _ right: [Double], _ tolerance: Tolerance = .published) -> Bool
{
  left.count == right.count && zip(left, right).allSatisfy { tolerance.agrees($0, $1) }
}
