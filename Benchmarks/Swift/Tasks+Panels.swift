internal import DifferenceInDifferences
internal import LinearAlgebra
internal import Statistics
internal import Tables

extension Tasks {
  /// Runs a panel task; false when there is none of that name.
  ///
  /// Panels are made of the clients' file exactly as `peers/panels.py` makes them.
  func panels(_ task: String, _ table: Table) throws -> Bool {
    switch task {
    case "att-gt":
      let clients = try ClientPanel(table)
      let design = try clients.design()
      var effects = GroupTimeEffects()
      effects.bootstrap = 1000
      try timed(task) {
        try effects.fit(
          design, outcome: clients.outcome, covariates: clients.covariates)
      } estimates: { result in
        result.cells.map(\.estimate.estimate)
      }
    case "twfe", "twfe-large":
      let clients = try ClientPanel(table, copies: task == "twfe" ? 1 : ClientPanel.copies)
      let design = try clients.design()
      try timed(task) {
        try TwoWayFixedEffects().fit(
          design, outcome: clients.outcome, covariance: .cluster(.cr1, [design.unit]))
      } estimates: { result in
        [result.estimate.estimate, result.estimate.standardError ?? .nan]
      }
    case "sun-abraham":
      let clients = try ClientPanel(table)
      let design = try clients.design()
      try timed(task) {
        try SunAbraham(aggregation: .dynamic).fit(
          design, outcome: clients.outcome, covariates: nil, weights: nil, clusters: nil)
      } estimates: { result in
        result.rows.filter { $0.estimate.term.hasPrefix("e=") && $0.estimate.standardError != nil }
          .map(\.estimate.estimate)
      }
    case "wild-bootstrap":
      let names = ["sib", "age", "imd", "readiness"]
      let design = try design(table, names, intercept: true)
      let sample = try FewClusterSample(
        outcome: try table.doubles("weeks"), design: design, term: 1,
        clusters: try table.factor("site"))
      try timed(task) {
        try WildClusterBootstrap(variants: [.restricted], weights: .rademacher).rows(sample)
      } estimates: { rows in
        rows.compactMap(\.statistic)
      }
    default: return false
    }
    return true
  }
}

/// Ten rows a unit, treated from period 4, 6 or 8 on, or never, by the age of its first client.
private struct ClientPanel {
  static let copies = 10
  private static let periods = 10
  private static let starts = [0.0, 4, 6, 8]
  var unit: [Int32] = []
  var time: [Double] = []
  var start: [Double?] = []
  var outcome: [Double] = []
  private var characteristics: [[Double]] = [[], [], []]
  private var units = 0

  init(_ table: Table, copies: Int = 1) throws {
    let (periods, weeks) = (Self.periods, try table.doubles("weeks"))
    let columns = try ["age", "imd", "readiness"].map { try table.doubles($0) }
    let size = table.rowCount / periods
    units = size * copies
    for copy in 0..<copies {
      for row in 0..<(size * periods) {
        let first = row / periods * periods
        let age = columns[0][first]
        let launch = Self.starts[Int(age) % 4]
        let period = Double(row % periods + 1)
        var value = weeks[row] / 10 + 0.1 * age + 0.05 * period * (launch == 6 ? 1 : 0)
        if launch > 0, period >= launch { value += 0.5 * (period - launch + 1) }
        if copies > 1 { value += 0.1 * Double(copy) * Double(row * (copy + 7) % 5) }
        unit.append(Int32(copy * size + row / periods))
        time.append(period)
        start.append(launch == 0 ? nil : launch)
        outcome.append(value)
        guard copies == 1 else { continue }
        for (place, column) in columns.enumerated() { characteristics[place].append(column[first]) }
      }
    }
  }

  func design() throws -> PanelDesign {
    try PanelDesign(
      unit: Factor(codes: unit, levels: (1...units).map { "\($0)" }), time: time, group: start)
  }

  var covariates: DesignMatrix {
    DesignMatrix(
      matrix: Matrix(columns: characteristics), names: ["age", "imd", "readiness"])
  }
}
