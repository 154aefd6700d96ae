internal import Statistics
internal import Tables

/// What a study's own design holds: sites and clients by arm, and how comparison outcomes spread.
///
/// Outcomes of the treated are never read, so that nothing here can rest on a difference between arms.
struct PlanningFacts {
  /// Sizes of the treated and the comparison sites; empty where people are assigned.
  var treatedSizes: [Double] = []
  var comparisonSizes: [Double] = []
  /// Clients of either arm.
  var treated = 0
  var comparison = 0
  /// Comparison clients with a known outcome, as site's place and value.
  private var outcomes: [(site: Int, value: Double)] = []

  /// Counts the rows of an analysis table; `outcome` is nil where everything is declared.
  ///
  /// - Throws: `unknownColumn` and the like, located.
  init(_ study: StudyFile, _ table: Table, outcome: String?) throws(SiblingError) {
    guard let node = study.node["treatment"], let name = node["column"]?.text else {
      throw SiblingError(
        .missingKey, "planning needs a treatment", location: study.node["planning"]?.location)
    }
    let treatment = try table.factor(name)
    let code = try StudyData.treatedCode(treatment, node, table)
    let sites = try study.siteColumn.map { column throws(SiblingError) in
      try table.factor(column)
    }
    let values = try outcome.map { column throws(SiblingError) in
      try Self.values(table, column)
    }
    let count = sites?.levels.count ?? 0
    var sizes = [[Double]](repeating: [Double](repeating: 0, count: count), count: 2)
    for (row, arm) in treatment.codes.enumerated() where arm >= 0 {
      let isTreated = arm == code
      let site = sites.map { Int($0.codes[row]) } ?? 0
      guard site >= 0 else { continue }
      if isTreated { treated += 1 } else { comparison += 1 }
      if sites != nil { sizes[isTreated ? 0 : 1][site] += 1 }
      if !isTreated, let value = values?[row], value.isFinite { outcomes.append((site, value)) }
    }
    treatedSizes = sizes[0].filter { $0 > 0 }
    comparisonSizes = sizes[1].filter { $0 > 0 }
  }

  /// A column's numbers; of two words the second counts as 1, as everywhere.
  private static func values(_ table: Table, _ name: String) throws(SiblingError) -> [Double] {
    guard let column = table[name], case .text = column.values else {
      return try table.doubles(name)
    }
    let factor = try table.factor(name)
    guard factor.levels.count <= 2 else {
      throw SiblingError(
        .badValue, "the outcome '\(name)' has more than two words",
        location: table.headerLocation(name), column: name)
    }
    return factor.codes.map { $0 < 0 ? .nan : Double($0) }
  }

  /// The mean number of clients of a site and the coefficient of variation of sizes.
  var sizes: (mean: Double, variation: Double) {
    let all = treatedSizes + comparisonSizes
    guard !all.isEmpty else { return (0, 0) }
    let mean = all.reduce(0, +) / Double(all.count)
    let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
    return (mean, squares.squareRoot() / mean)
  }

  /// The mean of the comparison clients; nil without any.
  var mean: Double? {
    outcomes.isEmpty ? nil : outcomes.reduce(0) { $0 + $1.value } / Double(outcomes.count)
  }

  /// The standard deviation of comparison clients; nil with fewer than two.
  var plainDeviation: Double? {
    guard let mean, outcomes.count > 1 else { return nil }
    let squares = outcomes.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    return squares > 0 ? (squares / Double(outcomes.count - 1)).squareRoot() : nil
  }

  /// Comparison clients with the outcome and without it, of an outcome that is 0 or 1.
  var events: (with: Int, without: Int) {
    let with = outcomes.count { $0.value == 1 }
    return (with, outcomes.count - with)
  }

  /// The correlation within comparison sites by one-way analysis of variance, and the standard
  /// deviation between clients that goes with it; nil with fewer than two sites or nobody to spare.
  ///
  /// (MSB − MSW)/(MSB + (n₀ − 1) MSW), n₀ = (N − Σn²/N)/(k − 1); below zero it is given as it is (Donner
  /// & Klar 2000, *Design and Analysis of Cluster Randomization Trials*).
  var spread: (correlation: Double, deviation: Double)? {
    let last = outcomes.reduce(-1) { max($0, $1.site) }
    var sums = [(count: Double, sum: Double)](repeating: (0, 0), count: last + 1)
    for (site, value) in outcomes {
      sums[site].count += 1
      sums[site].sum += value
    }
    let total = Double(outcomes.count)
    let groups = Double(sums.count { $0.count > 0 })
    guard groups > 1, total > groups, let mean else { return nil }
    var between = 0.0
    var squares = 0.0
    for part in sums where part.count > 0 {
      let distance = part.sum / part.count - mean
      between += part.count * distance * distance
      squares += part.count * part.count
    }
    var all = 0.0
    for (_, value) in outcomes { all += (value - mean) * (value - mean) }
    let within = max(0, all - between) / (total - groups)
    between /= groups - 1
    let size = (total - squares / total) / (groups - 1)
    let correlation = (between - within) / (between + (size - 1) * within)
    guard correlation.isFinite else { return nil }
    let component = max(0, (between - within) / size)
    return (correlation, (component + within).squareRoot())
  }
}
