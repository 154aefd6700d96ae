internal import LinearAlgebra
public import Statistics

/// Randomisation inference over which units launch when, for any estimator of a panel's effect.
///
/// The launches (first treated periods) are exchanged between units, or between whole clusters of them,
/// and the estimate is made again under each exchange. The p-value is the share of exchanges whose
/// estimate is at least as far from the null as the one observed: exact for the sharp null of the
/// same effect everywhere if every exchange was as likely, however few units launched. Estimators that
/// are linear in the outcome, as all of this room are, estimate y − τD as they estimate y less τ times
/// what they make of D; so the interval of effects that are not rejected comes from exact crossing
/// points. Fisher (1935), *The Design of Experiments*; MacKinnon & Webb (2020,
/// doi 10.1016/j.jeconom.2020.04.024).
public struct LaunchRandomization: Sendable, Equatable {
  /// Exchanges drawn where there are more than `limit`.
  public var draws: Int
  /// The most exchanges that are all worked through.
  public var limit: Int
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// The seed of the draws.
  public var seed: UInt64

  /// A test; `draws` exchanges, or all of them where there are no more than that.
  public init(
    draws: Int = 1999, limit: Int? = nil, null: Double = 0, level: Double = 0.95, seed: UInt64 = 1
  ) {
    self.draws = draws
    self.limit = limit ?? draws
    self.null = null
    self.level = level
    self.seed = seed
  }

  /// What exchanging launches says of an effect.
  public struct Result: Sendable, Equatable {
    /// The estimate as observed.
    public var estimate: Double
    /// The two-sided p-value.
    public var pValue: Double
    /// The smallest p-value that there can be.
    public var attainable: Double
    /// The effects that are not rejected, as the interval that covers them; infinite where unbounded.
    public var interval: ConfidenceInterval
    /// Distinct exchanges that exist.
    public var assignments: Double
    /// Exchanges worked through.
    public var used: Int
    /// Whether they were all of them.
    public var isExact: Bool
    /// Exchanges under which there is no estimate; they count as at least as extreme.
    public var undefined: Int

    /// The convention in words.
    public var convention: String {
      "launches exchanged between units: "
        + (isExact ? "all \(used) exchanges" : "\(used) exchanges drawn")
    }
  }

  /// Tests an estimator's effect on a panel; `clusters`, a row, are exchanged as wholes.
  ///
  /// - Throws: `badDesign` where a cluster holds units of different launches, `constantTreatment`
  ///   where all launches are alike, `invalidOption` for fewer than one draw; what the estimator throws
  ///   on the panel as it is.
  public func test(
    _ panel: PanelDesign, outcome: [Double], clusters: Factor? = nil,
    estimate: @Sendable (PanelDesign, [Double]) throws(SiblingError) -> Double
  ) throws(SiblingError) -> Result {
    guard draws > 0, limit > 0 else {
      throw SiblingError(.invalidOption, "randomisation inference needs a draw or more")
    }
    let places =
      try clusters.map { (all) throws(SiblingError) in
        try panel.unitLevel(all.droppingUnusedLevels()).codes.map { Int($0) }
      } ?? Array(0..<panel.units)
    let (launches, paths) = try Self.paths(panel, places)
    let observed = try estimate(panel, outcome)
    let treatment = panel.treatment
    let exchanges = LaunchExchanges(
      paths: paths, kinds: launches.count, limit: limit, draws: draws, seed: seed)
    let reference = ExchangeReference(
      observed: observed,
      draws: Parallel.mapBlocks(exchanges.blocks) { block in
        var part: [ExchangeReference.Draw] = []
        exchanges.forEach(inBlock: block) { exchange in
          let other = panel.exchanging(places.map { launches[exchange[$0]] })
          do throws(SiblingError) {
            part.append(
              .init(
                outcome: try estimate(other, outcome), treatment: try estimate(other, treatment)))
          } catch {
            part.append(.undefined)
          }
        }
        return part
      }.flatMap { $0 }, isExact: exchanges.isExact)
    return Result(
      estimate: observed, pValue: reference.pValue(null),
      attainable: exchanges.isExact
        ? reference.attainable : 1 / Double(exchanges.number + 1),
      interval: reference.interval(level), assignments: exchanges.assignments,
      used: exchanges.number, isExact: exchanges.isExact, undefined: reference.undefined)
  }

  /// The distinct launches, and each cluster's as an index among them.
  private static func paths(
    _ panel: PanelDesign, _ places: [Int]
  ) throws(SiblingError) -> (launches: [Double?], paths: [Int]) {
    let last = panel.periods.last ?? 0
    // Whoever launches after the last period is untreated in this panel.
    let starts = panel.declaredGroups.map { ($0 ?? .infinity) > last ? .infinity : $0 ?? .infinity }
    let distinct = Array(Set(starts)).sorted()
    guard distinct.count > 1 else {
      throw SiblingError(
        .constantTreatment, "Every unit launches at the same time, so nothing can be exchanged.",
        help: "Someone must be treated later or never.")
    }
    let index = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    var paths = [Int](repeating: -1, count: (places.max() ?? -1) + 1)
    for (unit, place) in places.enumerated() {
      let path = index[starts[unit]] ?? 0
      guard paths[place] < 0 || paths[place] == path else {
        throw SiblingError(
          .badDesign, "A cluster holds units that launch at different times.",
          help: "Exchange launches between the units themselves, or between finer clusters.")
      }
      paths[place] = path
    }
    return (distinct.map { $0 == .infinity ? nil : $0 }, paths)
  }
}

extension PanelDesign {
  /// The same panel with other launches, one a unit.
  func exchanging(_ launches: [Double?]) -> PanelDesign {
    PanelDesign(self, launches: launches)
  }
}
