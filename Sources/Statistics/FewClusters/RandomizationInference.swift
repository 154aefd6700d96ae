internal import LinearAlgebra

/// Randomisation inference over which clusters launched, and when.
///
/// The launch paths are exchanged between clusters, the regression is run under each assignment, and
/// the p-value is the share of assignments whose statistic is at least as far from the null as the
/// one observed. It is exact for the sharp null that the effect is `null` for everybody when every
/// assignment was equally likely, however few the clusters. Studentising by the CR1 standard error
/// keeps the size close where clusters differ in size or spread. All distinct assignments are listed
/// when there are at most `limit`; otherwise `draws` are drawn and the observed one is counted
/// with them, p = (1 + #)/(1 + draws). Staggered launches are exchanged as whole paths. Assignments
/// under which the effect can't be told from the covariates count as at least as extreme.
///
/// The interval holds the constant effects that the test does not reject. For the coefficient its
/// ends are exact crossing points, the inequality of each assignment being a quadratic one in
/// the null; for the t statistic the nearest crossing on either side is found by bisection.
///
/// Fisher (1935), *The Design of Experiments*; MacKinnon & Webb (2020), doi:10.1016/j.jeconom.2020.04.024;
/// Young (2019), doi:10.1093/qje/qjy029.
public struct RandomizationInference: Sendable, Equatable {
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// Assignments drawn where there are too many to list.
  public var draws: Int
  /// The most assignments that are listed; `draws` where that is more.
  public var limit: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// A test; 200,000 assignments are listed at most.
  public init(
    null: Double = 0, level: Double = 0.95, draws: Int = 9999, limit: Int = 200_000,
    seed: UInt64 = 1
  ) {
    self.null = null
    self.level = level
    self.draws = draws
    self.limit = limit
    self.seed = seed
  }

  /// The coefficient's and the t statistic's test.
  public struct Result: Sendable, Equatable {
    /// The estimate of the observed assignment.
    public var estimate: Double
    /// Its CR1 standard error.
    public var standardError: Double
    /// The p-value of the coefficient.
    public var coefficientPValue: Double
    /// The effects that the coefficient's test does not reject, as the interval that covers them.
    public var coefficientInterval: ConfidenceInterval
    /// The p-value of the t statistic; nil without a standard error.
    public var tPValue: Double?
    /// The effects that the t statistic's test does not reject.
    public var tInterval: ConfidenceInterval?
    /// Distinct assignments that exist.
    public var assignments: Double
    /// Assignments worked through.
    public var used: Int
    /// Whether every assignment was listed.
    public var isExact: Bool
    /// Assignments under which no effect is identified.
    public var undefined: Int
  }

  /// Tests the term of a sample; `time` names the periods of staggered launches.
  ///
  /// - Throws: `badDesign` when the term is no path of whole clusters, `constantTreatment`,
  ///   `rankDeficient` when it can't be told from the other regressors, `invalidOption` for too few
  ///   draws, and what absorbing effects throws.
  /// - Complexity: O(n k²) once and O(G k²) an assignment, k regressors besides nested effects.
  public func test(
    _ sample: FewClusterSample, time: Factor? = nil
  ) throws(SiblingError) -> Result {
    let launches = try LaunchPaths(sample, time: time)
    return try test(LaunchProducts(try PartialledClusters(sample), launches))
  }

  /// The assignments of a prepared sample.
  ///
  /// - Throws: `invalidOption`, `rankDeficient` as above.
  private func reference(_ products: LaunchProducts) throws(SiblingError) -> Reference {
    guard draws >= 1, limit >= 1 else {
      throw SiblingError(.invalidOption, "randomisation inference needs a draw or more")
    }
    guard products.observed.isDefined else {
      throw SiblingError(
        .rankDeficient, "the term can't be told from the other regressors",
        help: "Leave out what determines it.",
        column: products.part.sample.design.names[products.part.sample.term])
    }
    return Reference(
      products,
      LaunchExchanges(
        paths: products.launches.pathOfCluster, kinds: products.launches.paths.count,
        limit: max(limit, draws), draws: draws, seed: seed))
  }

  /// The smallest p-value that listed assignments can give, ties that hold for every outcome counted.
  ///
  /// - Throws: as `test`.
  func attainable(_ products: LaunchProducts) throws(SiblingError) -> Double {
    try reference(products).attainable
  }

  /// The p-values of the coefficient and of t alone.
  ///
  /// - Throws: as `test`.
  func pValues(
    _ products: LaunchProducts
  ) throws(SiblingError) -> (coefficient: Double, t: Double?) {
    let reference = try reference(products)
    return (
      reference.coefficientP(null), reference.hasError ? reference.studentizedP(null) : nil
    )
  }

  /// Tests a prepared sample.
  ///
  /// - Throws: as above.
  func test(_ products: LaunchProducts) throws(SiblingError) -> Result {
    let reference = try reference(products)
    let (observed, hasError) = (reference.observed, reference.hasError)
    return Result(
      estimate: observed.outcome, standardError: observed.v0.squareRoot(),
      coefficientPValue: reference.coefficientP(null),
      coefficientInterval: reference.coefficientInterval(level),
      tPValue: hasError ? reference.studentizedP(null) : nil,
      tInterval: hasError ? reference.studentizedInterval(level) : nil,
      assignments: products.launches.assignments, used: reference.draws.count,
      isExact: reference.isExact, undefined: reference.undefined)
  }

  /// The rows `RI-coefficient` and `RI-t`; a refusal is a row with a note.
  public func rows(_ sample: FewClusterSample, time: Factor? = nil) -> [FewClusterRow] {
    do throws(SiblingError) {
      return Self.rows(try test(sample, time: time), null: null)
    } catch {
      return Self.refused(error)
    }
  }

  static func refused(_ error: SiblingError) -> [FewClusterRow] {
    ["RI-coefficient", "RI-t"].map {
      FewClusterRow(method: $0, convention: "exchange of launches", note: error.message)
    }
  }

  static func rows(_ result: Result, null: Double) -> [FewClusterRow] {
    let how =
      result.isExact
      ? "all \(result.used) assignments of launches, ties counted"
      : "\(result.used) draws of launches, observed one counted"
    let note =
      result.undefined > 0
      ? "\(result.undefined) assignments identify no effect and count as extreme" : nil
    let t = (result.estimate - null) / result.standardError
    var rows = [
      FewClusterRow(
        method: "RI-coefficient", convention: "\(how); interval by exact inversion",
        estimate: result.estimate, statistic: result.estimate - null,
        pValue: result.coefficientPValue, interval: result.coefficientInterval, note: note)
    ]
    rows.append(
      FewClusterRow(
        method: "RI-t", convention: "\(how); CR1 t; interval by bisection",
        estimate: result.estimate, standardError: result.standardError,
        statistic: result.tPValue == nil ? nil : t, pValue: result.tPValue,
        interval: result.tInterval,
        note: result.tPValue == nil ? "the CR1 standard error is zero" : note))
    return rows
  }
}
