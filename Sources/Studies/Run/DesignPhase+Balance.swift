internal import Matching
internal import Reporting
internal import Statistics

// The balance of a design, as tables for the report.

extension DesignPhase {
  /// The rows of one balance, with the people behind each for disclosure control.
  ///
  /// - Throws: `internalError` only.
  func fillBalance(
    _ balance: Balance, _ analysis: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    for (row, people) in zip(balance.rows, try sample.people(behind: balance)) {
      var cells: [String: Cell] = [
        "analysis": .text(analysis), "covariate": .text(row.covariate), "level": Cell(row.level),
        "stage": .text(row.stage.rawValue), "mean_treated": Cell(row.meanTreated),
        "mean_comparison": Cell(row.meanComparison), "smd": Cell(row.standardizedMeanDifference),
        "var_ratio": Cell(row.varianceRatio), "ecdf_mean": Cell(row.meanDistributionDifference),
        "ks": Cell(row.kolmogorovSmirnov), "overlap": Cell(row.overlap),
        "smd_denominator": row.standardDeviation == nil ? .missing : .text(balance.denominator),
        "n_treated": Cell(people.all.treated), "n_comparison": Cell(people.all.comparison),
      ]
      if let inLevel = people.inLevel {
        cells["level_treated"] = Cell(inLevel.treated)
        cells["level_comparison"] = Cell(inLevel.comparison)
        cells["rest_treated"] = Cell(people.all.treated - inLevel.treated)
        cells["rest_comparison"] = Cell(people.all.comparison - inLevel.comparison)
      }
      try tables.balance.append(cells)
    }
  }

  /// Quantiles at probabilities that leave at least `apart` people of the smaller group between.
  ///
  /// - Throws: what is wrong with a covariate, located.
  func fillQuantiles(
    _ names: [String], apart: Int, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let grid = QuantileRows.grid(sample, apart: apart)
    for name in names {
      for pair in try sample.comparison(of: name).quantiles(grid) {
        try tables.quantiles.append([
          "analysis": "matched", "covariate": .text(name), "stage": .text(pair.stage.rawValue),
          "probability": .number(pair.probability), "quantile_treated": Cell(pair.treated),
          "quantile_comparison": Cell(pair.comparison),
          "beyond_treated": Cell(pair.treatedBeyond),
          "beyond_comparison": Cell(pair.comparisonBeyond),
        ])
      }
    }
  }

  /// Densities at round values.
  ///
  /// - Throws: what is wrong with a covariate, located.
  func fillDensities(_ names: [String], _ tables: inout StudyTables) throws(SiblingError) {
    for name in names {
      let comparison = try sample.comparison(of: name)
      for point in comparison.densities(at: try DensityRows.grid(comparison)) {
        try tables.densities.append([
          "analysis": "matched", "covariate": .text(name), "stage": .text(point.stage.rawValue),
          "arm": .text(point.group.rawValue), "value": .number(point.value),
          "density": Cell(point.density), "near": Cell(point.people),
        ])
      }
    }
  }
}

extension StudyFile {
  /// The column of sites when whole sites were assigned and the data name them.
  var siteColumn: String? {
    guard node["assignment"]?["level"]?.text == "site" else { return nil }
    return node["assignment"]?["site"]?.text
  }
}
