internal import Glibc
internal import LinearAlgebra
internal import Statistics
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
    let score = try design(table, ClientFile.covariates, intercept: true)
    for task in tasks {
      switch task.name {
      case "csv": break
      case "logit":
        try timed("logit") {
          try GeneralizedLinearModel(family: .binomial).fit(score, response: treatment)
        } estimates: {
          $0.coefficients
        }
      default:
        // On fewer rows (`task:rows`): the first of the file.
        let rows = Array(0..<min(task.rows ?? table.rowCount, table.rowCount))
        let part = task.rows == nil ? table : table.selecting(rows: rows)
        let isKnown =
          try survival(task.name, part) || matching(task.name, part) || panels(task.name, part)
          || cohorts(task.name, part) || contracts(task.name, part)
        if !isKnown { SiblingBench.stop("there is no task '\(task.name)'") }
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
