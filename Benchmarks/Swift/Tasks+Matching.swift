internal import Glibc
internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension Tasks {
  /// Runs a task of matching or balance; false when there is none of that name.
  func matching(_ task: String, _ table: Table) throws -> Bool {
    let treated = try table.doubles("sib").map { $0 == 1 }
    let design = try design(table, ClientFile.covariates, intercept: true)
    func total(_ match: Match) -> [Double] {
      [Double(match.pairs.count), match.pairs.reduce(0) { $0 + $1.distance }]
    }
    // Where the score is not what is timed, it is fitted before.
    func score() throws -> MatchingDistance {
      .score(try PropensityScore().fit(design, treatment: treated).score)
    }
    switch task {
    case "nearest", "nearest-exact":
      let sites = task == "nearest" ? nil : try table.factor("site")
      try timed(task) {
        let fit = try PropensityScore().fit(design, treatment: treated)
        return try NearestNeighborMatching(caliper: Caliper(0.2)).match(
          treatment: treated, distance: .score(fit.score), exact: sites)
      } estimates: {
        total($0)
      }
    case "nearest-calipers":
      let score = try score()
      let calipers = try [("age", 2.0), ("imd", 1.0)].map { name, width in
        CovariateCaliper(
          name: name, values: try table.doubles(name), caliper: Caliper(width, .raw))
      }
      try timed(task) {
        try NearestNeighborMatching().match(
          treatment: treated, distance: score, covariateCalipers: calipers)
      } estimates: {
        total($0)
      }
    case "mahalanobis":
      let columns = try ClientFile.covariates.prefix(6).map {
        DistanceCovariate(name: $0, numbers: try table.doubles($0))
      }
      try timed(task) {
        let coordinates = try CovariateDistance(.mahalanobis).coordinates(
          columns: columns, treatment: treated)
        return try NearestNeighborMatching().match(
          treatment: treated, distance: .coordinates(coordinates))
      } estimates: {
        total($0)
      }
    case "optimal":
      let score = try score()
      try timed(task) {
        try OptimalMatching().match(treatment: treated, distance: score)
      } estimates: {
        total($0)
      }
    case "full", "full-large":
      let score = try score()
      try timed(task) {
        try FullMatching().match(treatment: treated, distance: score)
      } estimates: {
        [$0.certificate.objective?.primal ?? .nan]
      }
    case "balance": try balance(table, treated)
    default: return false
    }
    return true
  }

  /// Nineteen columns before and after weights that both sides compute from the data.
  func balance(_ table: Table, _ treated: [Bool]) throws {
    var columns = try ClientFile.covariates.map {
      BalanceCovariate(name: $0, values: try table.doubles($0))
    }
    func rest(_ name: String, _ prefix: String) -> BalanceCovariate {
      var values = [Double](repeating: 1, count: table.rowCount)
      for column in columns where column.name.hasPrefix(prefix) {
        for row in values.indices { values[row] -= column.values[row] }
      }
      return BalanceCovariate(name: name, values: values)
    }
    let references = [rest("eth_white", "eth_"), rest("edu_none", "edu_")]
    columns += references
    columns.append(BalanceCovariate(name: "weeks", values: try table.doubles("weeks")))
    let (readiness, age) = (try table.doubles("readiness"), try table.doubles("age"))
    let score = zip(readiness, age).map { 0.25 * $0 - 0.01 * ($1 - 40) }
    let weights = zip(treated, score).map { $0 ? 1 : exp($1) }
    try timed("balance") {
      try BalanceAssessment(includesOverlap: false).assess(
        treatment: treated, weights: weights, covariates: columns, score: score)
    } estimates: { balance in
      Balance.Stage.allCases.flatMap { stage in
        balance.covariates(stage).flatMap {
          [
            $0.standardizedMeanDifference ?? .nan, $0.varianceRatio ?? 0,
            $0.kolmogorovSmirnov ?? .nan,
          ]
        }
      }
    }
  }
}
