/// The smallest bunching that a test finds with a stated power.
public struct DetectableExcess: Sendable, Equatable {
  /// Jobs beyond the smooth counterfactual after the threshold.
  public var jobs: Double
  /// Those jobs as a share of the jobs expected to end in the window just before the threshold, that is
  /// the share of them that would have to be moved; nil where more than all would have to be.
  public var shareMoved: Double?
  /// The probability that the test finds it.
  public var power: Double
  /// The size of the test.
  public var size: Double
  /// `exact`, `simulation, n draws` or `normal approximation`.
  public var method: String

  /// A detectable excess.
  public init(jobs: Double, shareMoved: Double?, power: Double, size: Double, method: String) {
    self.jobs = jobs
    self.shareMoved = shareMoved
    self.power = power
    self.size = size
    self.method = method
  }
}
