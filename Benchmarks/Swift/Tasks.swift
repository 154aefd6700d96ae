internal import Glibc
internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Survival
internal import Tables

/// The timed calls, each printing its seconds and the numbers that the peers must agree with.
struct Tasks {
  let path: String
  let repetitions: Int

  func run(_ tasks: [String]) throws {
    var table = try CSVReader().read(path: path)
    if tasks.contains("csv") {
      try timed("csv") {
        table = try CSVReader().read(path: path)
        return table
      } estimates: { table in
        let sums = try ["age", "months_out", "readiness", "weeks"].map {
          try table.doubles($0).reduce(0, +)
        }
        return [Double(table.rowCount)] + sums
      }
    }
    let treatment = try table.doubles("sib")
    let treated = treatment.map { $0 == 1 }
    let weeks = try table.doubles("weeks")
    let ended = try table.doubles("ended").map { $0 == 1 }
    let arms = Factor(codes: treated.map { $0 ? 1 : 0 }, levels: ["0", "1"])
    let score = try design(table, ClientFile.covariates, intercept: true)
    let cox = try design(table, ClientFile.coxCovariates, intercept: false)
    for task in tasks {
      switch task {
      case "csv": break
      case "logit":
        try timed("logit") {
          try GeneralizedLinearModel(family: .binomial).fit(score, response: treatment)
        } estimates: {
          $0.coefficients
        }
      case "nearest":
        try timed("nearest") {
          let fit = try PropensityScore().fit(score, treatment: treated)
          return try NearestNeighborMatching(caliper: Caliper(0.2)).match(
            treatment: treated, distance: .score(fit.score))
        } estimates: { match in
          [Double(match.pairs.count), match.pairs.reduce(0) { $0 + $1.distance }]
        }
      case "cox":
        try timed("cox") {
          try CoxRegression().fit(try SurvivalTimes(time: weeks, event: ended), cox)
        } estimates: {
          $0.coefficients
        }
      case "km":
        try timed("km") {
          try KaplanMeier().fit(try SurvivalTimes(time: weeks, event: ended), by: arms)
        } estimates: { fit in
          fit.at(times: [13, 26, 52]).flatMap(\.estimate)
        }
      case "logrank":
        try timed("logrank") {
          try LogRank().test(try SurvivalTimes(time: weeks, event: ended), by: arms)
        } estimates: {
          [$0.statistic]
        }
      case "balance": try balance(table, treated)
      default: SiblingBench.stop("there is no task '\(task)'")
      }
    }
  }

  /// Nineteen columns before and after weights that both sides compute from the data.
  private func balance(_ table: Table, _ treated: [Bool]) throws {
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

  private func design(
    _ table: Table, _ names: [String], intercept: Bool
  ) throws -> DesignMatrix {
    var columns = try names.map { try table.doubles($0) }
    var all = names
    if intercept {
      columns.insert([Double](repeating: 1, count: table.rowCount), at: 0)
      all.insert("(Intercept)", at: 0)
    }
    return DesignMatrix(matrix: Matrix(columns: columns), names: all)
  }

  private func timed<Result>(
    _ task: String, _ call: () throws -> Result, estimates: (Result) throws -> [Double]
  ) throws {
    var numbers: [Double] = []
    for _ in 0..<repetitions {
      let clock = ContinuousClock()
      let start = clock.now
      let result = try call()
      let (seconds, attoseconds) = (clock.now - start).components
      numbers = try estimates(result)
      let time = Double(seconds) + Double(attoseconds) * 1e-18
      let list = numbers.map { "\($0)" }.joined(separator: ",")
      print(
        "{\"peer\":\"sibling\",\"version\":\"this build\",\"task\":\"\(task)\","
          + "\"seconds\":\(time),\"estimates\":[\(list)]}")
    }
  }
}
