internal import Glibc
internal import LinearAlgebra
public import Statistics

/// A Cox model in which some effects change with time: β + γ·g(t) for chosen covariates.
///
/// Each row is cut at the event times at which it is at risk, and x·g(t) joins x there, which is the
/// time-dependent covariate of Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x. Robust variances
/// count the pieces of a row as one.
/// - Complexity: that of a Cox model with as many rows as there are pairs of a row and an event time
///   at which it is at risk; refused beyond `maximumCells` numbers.
public struct TimeVaryingEffect: Sendable, Equatable {
  /// A function of time.
  public enum Transform: String, Sendable, CaseIterable {
    /// The time itself.
    case identity = "identity"
    /// Its logarithm.
    case log = "log"
    /// Its square root.
    case squareRoot = "sqrt"
  }

  /// The term, or the column of the design, whose effect changes.
  public var term: String
  /// How it changes.
  public var transform: Transform

  /// An effect that changes with time.
  public init(_ term: String, _ transform: Transform) {
    self.term = term
    self.transform = transform
  }

  /// The most numbers that the cut data may have.
  public static let maximumCells = 100_000_000
}

extension CoxRegression {
  /// Fits a model with effects that change with time.
  ///
  /// Coefficients of x·g(t) come last, named `x:log(t)`. Residuals and curves of the fit are those
  /// of the pieces.
  /// - Throws: what `fit` without them throws; `unknown-column` for a term that the design has not;
  ///   `bad-value` for an event time that has no logarithm or root; `invalid-option` for data that
  ///   would be too large.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, varying effects: [TimeVaryingEffect],
    strata: Factor? = nil, weights: [Double]? = nil, offset: [Double]? = nil,
    cluster: Factor? = nil, id: Factor? = nil
  ) throws(SiblingError) -> CoxFit {
    let design = design.removingIntercept()
    try check(times, design, strata, weights, offset, cluster, id)
    let spells = try Spells.check(times, id, strata: strata)
    let sets = RiskSets(times, strata: strata)
    var chosen: [(column: Int, transform: TimeVaryingEffect.Transform)] = []
    for effect in effects {
      let term = design.terms.firstIndex(of: effect.term)
      let columns = design.names.indices.filter {
        design.names[$0] == effect.term || (term != nil && design.assignment[$0] == term)
      }
      guard !columns.isEmpty else {
        throw SiblingError(
          .unknownColumn, "the model has no term '\(effect.term)' whose effect could change",
          suggestion: nearestName(to: effect.term, among: design.terms + design.names),
          column: effect.term)
      }
      if effect.transform != .identity,
        let time = sets.time.lazy.map({ times.distinct[Int($0)] }).first(where: {
          $0 < 0 || ($0 == 0 && effect.transform == .log)
        })
      {
        throw SiblingError(
          .badValue, "an event time of \(time) has no \(effect.transform.rawValue)",
          help: "use identity", column: "time")
      }
      chosen += columns.map { ($0, effect.transform) }
    }
    let cells = RowPieces.count(sets) * (design.columns + chosen.count)
    guard cells <= TimeVaryingEffect.maximumCells else {
      throw SiblingError(
        .invalidOption,
        "rows cut at event times would make \(cells) numbers, more than the"
          + " \(TimeVaryingEffect.maximumCells) allowed",
        help: "round times to weeks or months, or draw a sample", column: "time-varying")
    }
    let pieces = RowPieces(times, sets)
    let own = Factor(
      codes: (0..<times.count).map { Int32(truncatingIfNeeded: $0) },
      levels: [String](repeating: "", count: times.count))
    return try fit(
      try SurvivalTimes(
        start: pieces.start, time: pieces.stop, event: pieces.event, collapseTies: false),
      pieces.design(design, chosen), strata: strata?.selecting(pieces.rows),
      weights: weights.map { weights in pieces.rows.map { weights[$0] } },
      offset: offset.map { offset in pieces.rows.map { offset[$0] } },
      cluster: cluster?.selecting(pieces.rows), id: (id ?? own).selecting(pieces.rows),
      before: Before(
        observations: times.count, notes: spells,
        several: Self.repeatedEvents(times, id)))
  }

  /// What was known of the data before they were cut.
  struct Before {
    let observations: Int
    let notes: [String]
    /// Whether a person has several events.
    let several: Bool
  }
}

/// Rows cut at the event times at which they are at risk.
private struct RowPieces {
  private(set) var rows: [Int] = []
  private(set) var start: [Double] = []
  private(set) var stop: [Double] = []
  private(set) var event: [Bool] = []

  /// How many pieces there would be.
  static func count(_ sets: RiskSets) -> Int {
    sets.rows.indices.reduce(0) { $0 + groups(sets, $1).count }
  }

  /// The groups at whose time a row is at risk, latest first.
  private static func groups(_ sets: RiskSets, _ i: Int) -> Range<Int> {
    let first = sets.stopGroup[i]
    return Int(first)..<Int(sets.startGroup?[i] ?? sets.stratumEnd[Int(first)])
  }

  init(_ times: SurvivalTimes, _ sets: RiskSets) {
    for (i, row) in sets.rows.enumerated() {
      let first = Int(sets.stopGroup[i])
      let end = Int(sets.stratumEnd[first])
      for g in Self.groups(sets, i) {
        let time = times.distinct[Int(sets.time[g])]
        rows.append(Int(row))
        start.append(g + 1 < end ? times.distinct[Int(sets.time[g + 1])] : time - 1)
        stop.append(time)
        event.append(g == first && times.event[Int(row)])
      }
    }
  }

  func design(
    _ design: DesignMatrix, _ chosen: [(column: Int, transform: TimeVaryingEffect.Transform)]
  ) -> DesignMatrix {
    let cut = design.selecting(rows: rows)
    let (n, p) = (rows.count, design.columns)
    var storage = cut.matrix.storage
    var (names, terms, assignment) = (cut.names, cut.terms, cut.assignment)
    for (column, transform) in chosen {
      let label: String
      let values: [Double]
      switch transform {
      case .identity: (label, values) = ("t", stop)
      case .log: (label, values) = ("log(t)", stop.map { Glibc.log($0) })
      case .squareRoot: (label, values) = ("sqrt(t)", stop.map { $0.squareRoot() })
      }
      for k in 0..<n { storage.append(cut.matrix.storage[column * n + k] * values[k]) }
      names.append("\(design.names[column]):\(label)")
      assignment.append(terms.count)
      terms.append("\(design.names[column]):\(label)")
    }
    return DesignMatrix(
      matrix: Matrix(rows: n, columns: p + chosen.count, storage: storage), names: names,
      assignment: assignment, terms: terms)
  }
}
