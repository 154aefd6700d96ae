internal import Cohorts
internal import Glibc
internal import Statistics
internal import Tables

extension Tasks {
  /// Runs a task on a cohort or a file of it; false when there is none of that name.
  func cohorts(_ task: String, _ table: Table) throws -> Bool {
    switch task {
    case "dta":
      // The driver writes the clients' file in Stata's format beside it, where pandas is there to do it.
      let file = path.hasSuffix(".csv") ? String(path.dropLast(4)) + ".dta" : path
      guard access(file, R_OK) == 0 else {
        print("{\"peer\":\"sibling\",\"task\":\"dta\",\"skipped\":\"no Stata file was made\"}")
        return true
      }
      try timed(task) {
        try TableFile.read(path: file, reader: CSVReader())
      } estimates: { table in
        let sums = try ["age", "months_out", "readiness", "weeks"].map {
          try table.doubles($0).reduce(0, +)
        }
        return [Double(table.rowCount)] + sums
      }
    case "impute": try impute(table)
    case "simulate", "validate", "score":
      let simulation = try CohortSimulation(
        world: .effect, clients: min(table.rowCount, 1_000_000), sites: 25, seed: 1)
      if task == "simulate" {
        try timed(task) {
          simulation.run()
        } estimates: {
          [$0.truth().att(.jobStart)]
        }
        return true
      }
      let cohort = simulation.cohort()
      if task == "score" {
        let rows = Array(0..<cohort.clients.count)
        try timed(task) {
          let scorer = try OutcomeScorer(cohort)
          return try OutcomeDefinition.harmonised.map { definition in
            try scorer.score(definition, rows: rows).counts.yes
          }
        } estimates: {
          $0.map(Double.init)
        }
        return true
      }
      var tables = ["clients": cohort.clients.table]
      tables["sites"] = cohort.sites?.table
      tables["jobs"] = cohort.jobs?.table
      try timed(task) {
        CohortValidation(tables)
      } estimates: {
        [Double($0.violations.count)]
      }
    default: return false
    }
    return true
  }

  /// Five copies by five iterations of Bayesian linear regression, as `peers/cohorts.R` has it.
  ///
  /// The draws differ, so means of the completed columns are compared, within their noise.
  private func impute(_ table: Table) throws {
    let gaps = ["months_out": 7, "motivation": 5, "readiness": 11]
    let names = ["months_out", "motivation", "readiness", "age", "imd", "female", "sib", "weeks"]
    let variables = try names.map { name in
      var values = try table.doubles(name)
      if let gap = gaps[name] {
        for row in values.indices where row % gap == 0 { values[row] = .nan }
      }
      return ImputationVariable(name, .numbers(values))
    }
    let methods = gaps.mapValues { _ in ImputationMethod.normal }
    try timed("impute") {
      try ChainedEquations(imputations: 5, iterations: 5, methods: methods).impute(variables)
    } estimates: { imputed in
      names.prefix(3).indices.map { place in
        let means = imputed.completed.map { copy -> Double in
          guard case .numbers(let values) = copy[place].values else { return .nan }
          return values.reduce(0, +) / Double(values.count)
        }
        return means.reduce(0, +) / Double(means.count)
      }
    }
  }
}
