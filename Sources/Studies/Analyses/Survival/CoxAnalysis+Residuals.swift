internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

extension CoxAnalysis {
  /// The residuals of a fit; `row` is the row of the data, from one.
  func residualColumns(_ kind: String, of fitted: Fitted) -> AnalysisOutput {
    let fit = fitted.fit
    let rows = fitted.bound.frame.rows
    let all = rows.indices.map { $0 }
    let columns: [Column] =
      switch kind {
      case "deviance": Self.single(rows, fit.devianceResiduals())
      case "score": Self.wide(all, rows, fit.names, fit.scoreResiduals())
      case "dfbeta": Self.wide(all, rows, fit.names, fit.coefficientInfluence())
      case "dfbetas": Self.wide(all, rows, fit.names, fit.standardisedInfluence())
      case "schoenfeld": Self.events(rows, fit.names, fit.schoenfeldResiduals())
      case "scaled-schoenfeld": Self.events(rows, fit.names, fit.scaledSchoenfeldResiduals())
      default: Self.single(rows, fit.martingaleResiduals())
      }
    var output = AnalysisOutput(columns: columns, notes: fitted.notes)
    output.hasRowsOfPeople = true
    return output
  }

  private static func single(_ rows: [Int], _ values: [Double]) -> [Column] {
    [.integers("row", rows.map { $0 + 1 }), .numbers("residual", values)]
  }

  private static func wide(
    _ used: [Int], _ rows: [Int], _ names: [String], _ values: Matrix
  ) -> [Column] {
    [.integers("row", used.map { rows[$0] + 1 })]
      + names.enumerated().map { j, name in .numbers(name, values.column(j)) }
  }

  private static func events(
    _ rows: [Int], _ names: [String], _ residuals: SchoenfeldResiduals
  ) -> [Column] {
    var columns = wide(residuals.rows, rows, names, residuals.values)
    columns.insert(.numbers("event_time", residuals.times), at: 1)
    return columns
  }
}
