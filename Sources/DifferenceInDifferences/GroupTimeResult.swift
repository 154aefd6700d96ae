public import LinearAlgebra
public import Statistics

/// The effect on one cohort in one period.
public struct GroupTimeCell: Sendable, Equatable {
  /// The period in which the cohort's treatment began.
  public let group: Double
  /// The period of the effect.
  public let time: Double
  /// The period that the change is measured from.
  public let base: Double
  /// Treated units compared; people for repeated cross-sections.
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
public struct GroupTimeResult: Sendable {
  /// The cells, by cohort and then period.
  public let cells: [GroupTimeCell]
  /// The number of units used; of rows where these are compared as repeated cross-sections.
  public let observations: Int
  /// The number of clusters, when standard errors are clustered.
  public let clusters: Int?
  /// The joint test that all effects before treatment are zero; nil where none can be had.
  public let preTest: WaldTest?
  /// The critical value of the cells' uniform band; nil for pointwise intervals.
  public let criticalValue: Double?
  /// Things that the reader must know.
  public let notes: [String]

  /// The place of each cell's cohort, and each cohort's share of weight.
  let cohortOfCell: [Int]
  let shares: [Double]
  let uncertainty: GroupTimeUncertainty

  /// Cohorts of at most this many units or clusters get no standard error.
  static let smallCohort = 2

  /// The analytic covariance of the cells' estimates, in their order; zero for bases and empty cells.
  public var covariance: Matrix {
    uncertainty.covariance(cells.indices.map { form(cell: $0) })
  }

  /// The cells as a table.
  public var table: EstimateTable {
    let band = criticalValue.map { [uncertainty.bandNote($0, over: "cells")] } ?? []
    return EstimateTable(
      rows: cells.map(\.estimate), observations: observations, clusters: clusters,
      notes: notes + band)
  }

  /// The error of a cell's estimate; nothing for cells without one.
  func form(cell: Int) -> LinearForm {
    LinearForm(terms: cells[cell].isEstimated ? [(cell, 1)] : [])
  }

  /// The error of a cohort's share of weight.
  func form(shareOf cohort: Int) -> LinearForm {
    LinearForm(
      terms: [
        (cells.count + cohort, 1), (cells.count + shares.count, -shares[cohort]),
      ])
  }
}
