public import Statistics

/// Whether the density of a variable jumps at a threshold.
///
/// On each side of the threshold the empirical distribution function is fitted by a polynomial one
/// degree above the order, weighted by a kernel; its slope at the threshold estimates the density. The
/// two slopes are compared. The bandwidth is chosen for the polynomial of the order itself, so that
/// the bias of the higher one is of a smaller size (robust bias correction).
///
/// A jump is not a motive: round numbers make one too, so that lengths of jobs recorded in whole months
/// jump at whole months (see `leavingOut`).
///
/// Cattaneo, Jansson & Ma (2020), doi:10.1080/01621459.2019.1635480; McCrary (2008),
/// doi:10.1016/j.jeconom.2007.05.005.
public struct LocalPolynomialDensityTest: Sendable, Equatable {
  /// The threshold; a value equal to it lies to its right.
  public var threshold: Double
  /// The order of the polynomial that the bandwidth is chosen for; the test's is one higher.
  public var order: Int
  /// How observations are weighted by their distance.
  public var kernel: Kernel
  /// How the variance is estimated.
  public var variance: Variance
  /// Whether the sides share their curvature.
  public var model: Model
  /// The bandwidths, or the rule that chooses them.
  public var bandwidth: Bandwidth
  /// Whether equal values are taken as one point of the distribution function.
  public var handlesMassPoints: Bool
  /// Round numbers whose own values are cut out, and the gap closed, before the test; nil for none.
  public var leavingOut: RoundNumbers?
  /// The confidence level of the difference's interval.
  public var level: Double

  /// A test at a threshold; by default a triangular kernel, jackknife variance, unrestricted fits of
  /// order 2 + 1 and a chosen bandwidth.
  public init(
    threshold: Double, order: Int = 2, kernel: Kernel = .triangular,
    variance: Variance = .jackknife, model: Model = .unrestricted,
    bandwidth: Bandwidth = .selected(.comb), handlesMassPoints: Bool = true,
    leavingOut: RoundNumbers? = nil, level: Double = 0.95
  ) {
    self.threshold = threshold
    self.order = order
    self.kernel = kernel
    self.variance = variance
    self.model = model
    self.bandwidth = bandwidth
    self.handlesMassPoints = handlesMassPoints
    self.leavingOut = leavingOut
    self.level = level
  }

  /// A weight by distance, in bandwidths.
  public enum Kernel: String, Sendable, CaseIterable {
    case triangular, uniform, epanechnikov
  }

  /// An estimate of the variance.
  public enum Variance: String, Sendable, CaseIterable {
    /// From the sample's own pairs.
    case jackknife
    /// From the limit distribution, with the estimated density put in.
    case plugin
  }

  /// What the two sides share.
  public enum Model: String, Sendable, CaseIterable {
    /// Nothing.
    case unrestricted
    /// All but level and slope.
    case restricted
  }

  /// A rule for bandwidths that make a mean squared error small.
  public enum BandwidthRule: String, Sendable, CaseIterable {
    /// Unrestricted: on each side the median of the other three; restricted: the smaller of two.
    case comb
    /// Each side's own estimate.
    case each
    /// The difference.
    case diff
    /// The sum.
    case sum
  }

  /// Where bandwidths come from.
  public enum Bandwidth: Sendable, Equatable {
    case selected(BandwidthRule)
    case given(left: Double, right: Double)
  }

  /// One side of the threshold.
  public struct Side: Sendable, Equatable {
    /// The density at the threshold, of the whole sample's law, per unit of the variable.
    public var density: Double
    /// Its standard error.
    public var standardError: Double
    /// The bandwidth, in units of the variable.
    public var bandwidth: Double
    /// Observations on this side.
    public var observations: Int
    /// Observations within the bandwidth.
    public var effective: Int
    /// Distinct values within the bandwidth.
    public var distinct: Int
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// Just before the threshold.
    public var left: Side
    /// From the threshold on.
    public var right: Side
    /// Density on the right less that on the left, with T, p and interval.
    public var difference: Estimate
    /// Observations in all.
    public var observations: Int
    /// Values cut out because they are round numbers.
    public var leftOut: Int
    /// Things that the reader must know.
    public var notes: [String]
  }

  /// Tests a sample.
  ///
  /// Values that are not known (NaN) are left out.
  ///
  /// - Throws: `badValue` for options out of range or an infinite value, `tooFewObservations` where a
  ///   side has too few values for the fit.
  /// - Complexity: O(n) for the sort, O(n p²) for the fits.
  public func fit(_ values: [Double]) throws(SiblingError) -> Result {
    try check()
    let sample = try DensitySample(values, threshold: threshold, leavingOut: leavingOut)
    return try fit(sample)
  }
}
