import Foundation
import LinearAlgebra
import Statistics
import TestSupport

/// The bundled data as the columns that estimators take.
enum Datasets {
  private static func columns(_ path: String) throws -> [String: [String]] {
    try Golden.csv("../../Data/\(path)")
  }

  struct Wide {
    var before: [Double]
    var after: [Double]
    var treated: [Bool]
    var covariates: DesignMatrix
  }

  /// 185 trainees and 15,992 comparisons, earnings of 1975 and 1978.
  static func nsw() throws -> Wide {
    let file = try columns("nsw/nsw_cps.csv")
    let names = ["age", "educ", "black", "marr", "nodegree", "hisp", "re74"]
    let design = DesignMatrix(
      matrix: Matrix(columns: names.map { Golden.numbers(file[$0]) }), names: names)
    return Wide(
      before: Golden.numbers(file["re75"]), after: Golden.numbers(file["re78"]),
      treated: Golden.numbers(file["treat"]).map { $0 == 1 }, covariates: design)
  }

  struct Long {
    var unit: Factor
    var time: [Double]
    var group: [Double?]
    var outcome: [Double]
    var covariate: [Double]
  }

  /// 500 counties over 2003–2007: log teen employment, by the year of the minimum wage's rise.
  static func mpdta() throws -> Long {
    let file = try columns("mpdta/mpdta.csv")
    return Long(
      unit: Factor((file["countyreal"] ?? []).map { $0 }), time: Golden.numbers(file["year"]),
      group: Golden.numbers(file["first.treat"]).map { $0 }, outcome: Golden.numbers(file["lemp"]),
      covariate: Golden.numbers(file["lpop"]))
  }
}
