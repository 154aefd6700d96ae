internal import Glibc
internal import LinearAlgebra
public import Statistics

/// The effect on one cohort in one period.
public struct GroupTimeCell: Sendable, Equatable {
  /// The period in which the cohort's treatment began.
  public let group: Double
  /// The period of the effect.
  public let time: Double
  /// The period that the change is measured from.
  public let base: Double
  /// Treated units compared.
  public let treatedUnits: Int
  /// Controls compared.
  public let controlUnits: Int
  /// Whether the period is the base itself, so that the effect is 0 by construction.
  public let isBase: Bool
  /// The estimate, term `ATT(g,t)`; NaN where the comparison failed.
  public let estimate: Estimate

  /// The period less the one in which treatment began.
  public var eventTime: Double { time - group }
  /// Whether a comparison was made and succeeded.
  public var isEstimated: Bool { estimate.estimate.isFinite && !isBase }
}

/// Effects by cohort and period, with what aggregates need.
public struct GroupTimeResult: Sendable, Equatable {
  /// The cells, by cohort and then period.
  public let cells: [GroupTimeCell]
  /// For each cell each unit's influence, n-scaled; nil where the comparison failed.
  public let influence: [[Double]?]
  /// The codes of the units used, in the order of influence functions.
  public let units: [Int]
  /// The number of clusters, when standard errors are clustered.
  public var clusters: Int? { clusterOfUnit?.levels.count }
  /// The joint test that all effects before treatment are zero; nil where none can be had.
  public let preTest: WaldTest?
  /// Things that the reader must know.
  public let notes: [String]

  let groupOfUnit: [Double?]
  let unitWeights: [Double]
  let clusterOfUnit: Factor?
  let anticipation: Double
  let level: Double

  /// Cohorts of at most this many units get no standard error.
  static let smallCohort = 2

  init(
    cells: [GroupTimeCell], influence: [[Double]?], sample: GroupTimeSample,
    unitWeights: [Double], clusterOfUnit: Factor?, anticipation: Double, level: Double,
    notes: [String]
  ) {
    self.cells = cells
    self.influence = influence
    units = sample.units
    groupOfUnit = sample.group
    self.unitWeights = unitWeights
    self.clusterOfUnit = clusterOfUnit
    self.anticipation = anticipation
    self.level = level
    let before = cells.indices.filter {
      cells[$0].isEstimated && cells[$0].time < cells[$0].group - anticipation
        && cells[$0].estimate.standardError != nil
    }
    let columns = before.compactMap { influence[$0] }
    var notes = notes
    var test: WaldTest?
    if !columns.isEmpty {
      let covariance = Self.covariance(columns, clusterOfUnit)
      do {
        test = try WaldTest(
          terms: before.map { cells[$0].estimate.term },
          deviations: before.map { cells[$0].estimate.estimate }, covariance: covariance,
          denominator: nil, convention: "influence function, χ²")
      } catch {
        notes.append("No joint test of the effects before treatment: \(error.message)")
      }
    }
    preTest = test
    self.notes = notes
  }

  /// The covariance of estimates from their influence functions.
  static func covariance(_ influence: [[Double]], _ clusters: Factor?) -> Matrix {
    let n = Double(influence[0].count)
    guard let clusters else {
      return Gram.product(Matrix(columns: influence)).scaled(by: 1 / (n * n))
    }
    let sums = influence.map { values in
      var sums = [Double](repeating: 0, count: clusters.levels.count)
      for (row, value) in values.enumerated() { sums[Int(clusters.codes[row])] += value }
      return sums
    }
    return Gram.product(Matrix(columns: sums)).scaled(by: 1 / (n * n))
  }

  /// The cells as a table.
  public var table: EstimateTable {
    EstimateTable(
      rows: cells.map(\.estimate), observations: units.count, clusters: clusters, notes: notes)
  }
}
