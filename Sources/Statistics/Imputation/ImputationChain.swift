internal import Glibc

/// One imputation: the rounds through the incomplete variables that end in a completed copy.
struct ImputationChain {
  /// What a chain leaves behind.
  struct Finished: Sendable {
    var variables: [ImputationVariable]
    var traces: [(means: [Double], deviations: [Double])]
    /// Columns that the model of a variable went without.
    var dropped: [String: Set<String>]
  }

  let plan: ImputationPlan
  let number: Int
  var design: ImputationDesign
  /// The current values of every variable: numbers, or codes as numbers.
  var numbers: [Int: [Double]] = [:]
  var codes: [Int: [Int32]] = [:]
  var traces: [(means: [Double], deviations: [Double])]
  var dropped: [String: Set<String>] = [:]
  /// What a target's model carries from one round to the next.
  var memories: [ImputationMemory]

  init(_ plan: ImputationPlan, number: Int) {
    self.plan = plan
    self.number = number
    design = ImputationDesign(rows: plan.rows, width: plan.width)
    traces = plan.targets.map { _ in ([], []) }
    memories = plan.targets.map { _ in ImputationMemory() }
  }

  /// Runs all rounds.
  ///
  /// - Throws: `nonConvergence`, `tooFewObservations` of a model.
  mutating func run() throws(SiblingError) -> Finished {
    start()
    for round in 0..<plan.configuration.iterations {
      for index in plan.targets.indices { try impute(index, round) }
    }
    var variables = plan.variables
    for target in plan.targets {
      switch variables[target.variable].values {
      case .numbers:
        variables[target.variable].values = .numbers(numbers[target.variable] ?? [])
      case .categories(let factor):
        variables[target.variable].values = .categories(
          Factor(codes: codes[target.variable] ?? [], levels: factor.levels))
      }
    }
    return Finished(variables: variables, traces: traces, dropped: dropped)
  }

  private func stream(_ target: ImputationPlan.Target, _ round: Int) -> RandomStream {
    RandomStream(
      seed: plan.configuration.seed, name: "impute/\(plan.variables[target.variable].name)",
      index: UInt64(number)
    ).substream(UInt64(round))
  }

  /// Fills gaps with observed values at random and builds the design.
  private mutating func start() {
    for (index, variable) in plan.variables.enumerated() {
      switch variable.values {
      case .numbers(let values): numbers[index] = values
      case .categories(let factor): codes[index] = factor.codes
      }
    }
    for target in plan.targets {
      var stream = stream(target, 0).substream(0)
      for row in target.missing {
        let donor = target.observed[stream.integer(below: target.observed.count)]
        if let value = numbers[target.variable]?[donor] {
          numbers[target.variable]?[row] = value
        } else if let code = codes[target.variable]?[donor] {
          codes[target.variable]?[row] = code
        }
      }
    }
    let all = Array(0..<plan.rows)
    for column in plan.columns.indices { fill(column, all) }
  }

  /// Computes a column of the design anew in some rows.
  private mutating func fill(_ column: Int, _ rows: [Int]) {
    switch plan.columns[column] {
    case .intercept: for row in rows { design[row, column] = 1 }
    case .number(let variable, let centre, let scale):
      guard let values = numbers[variable] else { return }
      for row in rows { design[row, column] = (values[row] - centre) / scale }
    case .level(let variable, let code, let share):
      guard let values = codes[variable] else { return }
      for row in rows { design[row, column] = (values[row] == code ? 1 : 0) - share }
    case .product(let first, let second):
      for row in rows { design[row, column] = design[row, first] * design[row, second] }
    }
  }

  private mutating func impute(_ index: Int, _ round: Int) throws(SiblingError) {
    let target = plan.targets[index]
    var stream = stream(target, round + 1)
    switch target.method {
    case .normal, .meanMatching:
      let values = try linearDraw(index, &stream)
      for (row, value) in zip(target.missing, values) { numbers[target.variable]?[row] = value }
      record(index, values)
    case .logistic, .multinomial:
      let classes = try categoricalDraw(index, &stream)
      if let pair = target.pair {
        let values = classes.map { $0 == 0 ? pair.low : pair.high }
        for (row, value) in zip(target.missing, values) { numbers[target.variable]?[row] = value }
        record(index, values)
      } else {
        for (row, choice) in zip(target.missing, classes) {
          codes[target.variable]?[row] = target.levels[choice]
        }
        record(index, classes.map { Double(target.levels[$0]) })
      }
    }
    for column in plan.columns.indices where plan.bases[column].contains(target.variable) {
      fill(column, target.missing)
    }
  }

  private mutating func record(_ index: Int, _ values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    traces[index].means.append(mean)
    traces[index].deviations.append(count > 1 ? (squares / (count - 1)).squareRoot() : 0)
  }

  /// Remembers the columns that a model went without.
  mutating func note(_ index: Int, kept: [Int], of columns: [Int]) {
    guard kept.count < columns.count else { return }
    let name = plan.variables[plan.targets[index].variable].name
    let held = Set(kept)
    for (place, column) in columns.enumerated() where !held.contains(place) {
      dropped[name, default: []].insert(plan.names[column])
    }
  }
}

/// What the model of a variable carries from one round to the next.
struct ImputationMemory: Sendable {
  /// Coefficients of a categorical model at its mode, where the next fit starts.
  var main: [Double] = []
  var sites: [Double] = []
  /// The variance within sites, and between them for each class.
  var within = 1.0
  var between: [Double] = []
}
