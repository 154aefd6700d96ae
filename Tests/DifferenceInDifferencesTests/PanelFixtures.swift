import DifferenceInDifferences
import Foundation
import LinearAlgebra
import Statistics
import TestSupport

/// Panels for tests of estimators, with the reference values of panel_estimators.py.
enum PanelFixtures {
  struct Panel {
    var unit: Factor
    var time: [Double]
    var group: [Double?]
    var outcome: [Double]
    var covariates: DesignMatrix?
    var weights: [Double]?
    var clusters: Factor?

    func design() throws -> PanelDesign {
      try PanelDesign(unit: unit, time: time, group: group)
    }

    func selecting(_ rows: [Int]) -> Panel {
      Panel(
        unit: unit.selecting(rows), time: rows.map { time[$0] }, group: rows.map { group[$0] },
        outcome: rows.map { outcome[$0] }, covariates: covariates?.selecting(rows: rows),
        weights: weights.map { w in rows.map { w[$0] } }, clusters: clusters?.selecting(rows))
    }

    func effects(_ estimator: some PanelEstimator) throws -> PanelEffects {
      try estimator.fit(
        design(), outcome: outcome, covariates: covariates, weights: weights, clusters: clusters)
    }
  }

  /// The counties with what the reference script derives from row and county.
  static func counties() throws -> (
    plain: Panel, covariates: DesignMatrix, weights: [Double], site: Factor, eligible: [Bool],
    lpop: DesignMatrix
  ) {
    let data = try Datasets.mpdta()
    let county = data.unit.codes.map { Int(data.unit.levels[Int($0)]) ?? 0 }
    let first = zip(data.covariate, data.time).map { $0 * ($1 - 2003) * ($1 - 2003) }
    let second = county.indices.map { sin(Double($0)) }
    return (
      Panel(unit: data.unit, time: data.time, group: data.group, outcome: data.outcome),
      DesignMatrix(matrix: Matrix(columns: [first, second]), names: ["trend", "sine"]),
      county.map { Double(1 + $0 % 3) }, Factor(county.map { "\($0 % 17)" }),
      data.covariate.map { $0 > 3 },
      DesignMatrix(matrix: Matrix(columns: [data.covariate]), names: ["lpop"])
    )
  }

  /// States by the year of their castle-doctrine law; cohorts of 1, 13, 4, 2 and 1.
  static func castle() throws -> Panel {
    let file = try Golden.csv("castle_homicide.csv")
    return Panel(
      unit: Factor((file["sid"] ?? []).map { $0 }), time: Golden.numbers(file["year"]),
      group: Golden.numbers(file["first_post"]).map { $0 },
      outcome: Golden.numbers(file["l_homicide"]))
  }

  /// A made-up panel: cohorts 4, 6, 8 and never, effects that grow by cohort, unit and period effects.
  static func growing(
    unitsPerCohort: Int, noise: Double, seed: UInt64
  ) -> (panel: Panel, truth: [Double: Double], overall: Double) {
    var stream = RandomStream(seed: seed, name: "panel")
    var panel = Panel(unit: Factor([]), time: [], group: [], outcome: [])
    var names: [String] = []
    var sums: [Double: (Double, Double)] = [:]
    for (index, start) in [4.0, 6, 8, 0].enumerated() {
      for member in 0..<unitsPerCohort {
        let level = stream.normal() + Double(index)
        for time in 1...10 {
          let event = Double(time) - start
          let effect = start > 0 && event >= 0 ? (10 - start) * 0.5 + 0.4 * event : 0
          if start > 0, event >= 0 {
            let sum = sums[event] ?? (0, 0)
            sums[event] = (sum.0 + effect, sum.1 + 1)
          }
          names.append("\(index)-\(member)")
          panel.time.append(Double(time))
          panel.group.append(start)
          panel.outcome.append(
            level + 0.3 * Double(time * time) + effect + noise * stream.normal())
        }
      }
    }
    panel.unit = Factor(names.map { $0 })
    let total = sums.values.reduce((0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    return (panel, sums.mapValues { $0.0 / $0.1 }, total.0 / total.1)
  }

  /// Whether effects have the reference's terms, estimates and standard errors.
  static func agrees(
    _ effects: PanelEffects, _ golden: JSON, _ tolerance: Tolerance = .converged
  ) -> Bool {
    let rows = effects.rows.filter { golden.keys.contains($0.estimate.term) }
    return rows.count == golden.keys.count && !rows.isEmpty
      && rows.allSatisfy { row in
        let expected = golden[row.estimate.term].doubles
        return close(row.estimate.estimate, expected[0], tolerance)
          && close(row.estimate.standardError ?? .nan, expected[1], tolerance)
      }
  }
}
