internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

/// The timed calls, each printing its seconds and the numbers that the peers must agree with.
struct Tasks {
  let path: String
  let repetitions: Int

  func run(_ calls: [String]) throws {
    let tasks = calls.map { call -> (name: String, rows: Int?) in
      let parts = call.split(separator: ":")
      return (String(parts.first ?? ""), parts.count > 1 ? Int(parts[1]) : nil)
    }
    var table = try CSVReader().read(path: path)
    if tasks.contains(where: { $0.name == "csv" }) {
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
      switch task.name {
      case "csv": break
      case "logit":
        try timed("logit") {
          try GeneralizedLinearModel(family: .binomial).fit(score, response: treatment)
        } estimates: {
          $0.coefficients
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
      default:
        // On fewer rows (`task:rows`): the first of the file.
        let rows = Array(0..<min(task.rows ?? table.rowCount, table.rowCount))
        guard try matching(task.name, task.rows == nil ? table : table.selecting(rows: rows))
        else { SiblingBench.stop("there is no task '\(task.name)'") }
      }
    }
  }

  func design(
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

  func timed<Result>(
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
