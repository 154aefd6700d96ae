internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

extension Tasks {
  /// Runs a survival task; false when there is none of that name.
  ///
  /// Columns that the file lacks are made here exactly as `peers/survival.R` makes them.
  func survival(_ task: String, _ table: Table) throws -> Bool {
    let clients = Clients(
      weeks: try table.doubles("weeks"), ended: try table.doubles("ended").map { $0 == 1 },
      identifiers: try table.doubles("client_id"))
    let treated = try table.doubles("sib").map { $0 == 1 }
    let arms = Factor(codes: treated.map { $0 ? 1 : 0 }, levels: ["0", "1"])
    let design = try design(table, ClientFile.coxCovariates, intercept: false)
    switch task {
    case "cox", "cox-cluster", "cox-cluster-large", "cox-start-stop", "cox-strata", "cox-pairs":
      try cox(task, clients, design, site: try table.factor("site"))
    case "km":
      try timed(task) {
        try KaplanMeier().fit(try clients.times(), by: arms)
      } estimates: { fit in
        fit.at(times: [13, 26, 52]).flatMap(\.estimate)
      }
    case "km-weighted", "km-weighted-large":
      let weights = try table.doubles("age").map { 0.5 + $0.truncatingRemainder(dividingBy: 7) / 4 }
      let exact = zip(clients.weeks, clients.identifiers).map { $0 + $1 * 1e-7 }
      try timed(task) {
        try KaplanMeier().fit(
          try SurvivalTimes(time: exact, event: clients.ended), weights: weights)
      } estimates: { fit in
        let curves = fit.at(times: [13.5, 26.5, 52.5])
        return curves.flatMap(\.estimate) + curves.flatMap(\.standardError)
      }
    case "logrank":
      try timed(task) {
        try LogRank().test(try clients.times(), by: arms)
      } estimates: {
        [$0.statistic]
      }
    case "rmst":
      try timed(task) {
        try RestrictedMean(tau: 52).fit(try clients.times(), by: arms)
      } estimates: { fit in
        fit.arms.map(\.estimate) + fit.arms.compactMap(\.standardError)
      }
    default:
      return try competingAndParametric(task, clients, arms, design, table)
    }
    return true
  }

  private func cox(_ task: String, _ clients: Clients, _ design: DesignMatrix, site: Factor) throws
  {
    var groups: Factor?
    var start: [Double]?
    switch task {
    case "cox-strata", "cox-cluster", "cox-cluster-large": groups = site
    case "cox-pairs": groups = clients.pairs
    case "cox-start-stop":
      start = zip(clients.identifiers, clients.weeks).map {
        min($0.truncatingRemainder(dividingBy: 7), $1 - 1)
      }
    default: break
    }
    let isClustered = task.hasPrefix("cox-cluster")
    try timed(task) {
      try CoxRegression().fit(
        try SurvivalTimes(start: start, time: clients.weeks, event: clients.ended), design,
        strata: isClustered ? nil : groups, cluster: isClustered ? groups : nil)
    } estimates: { fit in
      fit.coefficients + (isClustered ? fit.robustStandardErrors ?? [] : [])
    }
  }

  private func competingAndParametric(
    _ task: String, _ clients: Clients, _ arms: Factor, _ design: DesignMatrix, _ table: Table
  ) throws -> Bool {
    switch task {
    case "incidence":
      let causes = clients.causes
      try timed(task) {
        try AalenJohansen().fit(try clients.times(), causes: causes, by: arms)
      } estimates: { fit in
        // Cause after cause, within it arm after arm: the order of the peers.
        let curves = fit.at(times: [13, 26, 52])
        return ["1", "2"].flatMap { cause in
          curves.filter { $0.cause == cause }.flatMap(\.curve.estimate)
        }
      }
    case "fine-gray", "fine-gray-large":
      let causes = clients.causes
      try timed(task) {
        try FineGray().fit(try clients.times(), causes: causes, cause: "1", design)
      } estimates: {
        $0.coefficients
      }
    case "weibull":
      let design = try self.design(table, ClientFile.coxCovariates, intercept: true)
      try timed(task) {
        try SurvivalRegression(family: .weibull).fit(try clients.times(), design)
      } estimates: {
        $0.coefficients
      }
    case "royston-parmar":
      try timed(task) {
        try RoystonParmar(knots: 2).fit(try clients.times(), design)
      } estimates: {
        $0.coefficients
      }
    default: return false
    }
    return true
  }
}

/// What the survival tasks follow.
private struct Clients {
  let weeks: [Double]
  let ended: [Bool]
  let identifiers: [Double]

  func times() throws -> SurvivalTimes { try SurvivalTimes(time: weeks, event: ended) }

  /// Clients two by two.
  var pairs: Factor {
    let codes = identifiers.map { Int32(($0 - 1) / 2) }
    return Factor(codes: codes, levels: (0...Int(codes.max() ?? 0)).map(String.init))
  }

  /// Every third end is of the second kind.
  var causes: Factor {
    let codes = zip(ended, identifiers).map { ended, identifier -> Int32 in
      ended ? identifier.truncatingRemainder(dividingBy: 3) == 0 ? 1 : 0 : -1
    }
    return Factor(codes: codes, levels: ["1", "2"])
  }
}
