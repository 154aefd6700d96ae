/// What a run of chained equations needs to know before it starts: checked variables, the columns of
/// the models, and who is imputed by what.
struct ImputationPlan: Sendable {
  /// A column of the models' design.
  enum Source: Sendable {
    /// The constant.
    case intercept
    /// A number, standardised.
    case number(variable: Int, centre: Double, scale: Double)
    /// An indicator of a level.
    case level(variable: Int, code: Int32, share: Double)
    /// The product of two earlier columns.
    case product(Int, Int)
  }

  /// A variable that is imputed.
  struct Target: Sendable {
    var variable: Int
    var method: ImputationMethod
    /// Rows with and without a value.
    var observed: [Int]
    var missing: [Int]
    /// Columns of the design that predict it, the intercept first.
    var columns: [Int]
    /// The two values of a number that a logistic model imputes, smaller first.
    var pair: (low: Double, high: Double)?
    /// The levels (codes) that occur, in order.
    var levels: [Int32]
  }

  let configuration: ChainedEquations
  let variables: [ImputationVariable]
  let rows: Int
  var sites: [Int32] = []
  var siteCount = 0
  var columns: [Source] = [.intercept]
  var names: [String] = ["the intercept"]
  /// The variables whose values a column rests on.
  var bases: [[Int]] = [[]]
  var targets: [Target] = []
  var notes: [String] = []

  /// Columns of the design with the padding that lets rows be read in fours.
  var width: Int { (columns.count + 3) / 4 * 4 }

  init(
    _ configuration: ChainedEquations, _ variables: [ImputationVariable], site: Factor?
  ) throws(SiblingError) {
    self.configuration = configuration
    self.variables = variables
    rows = variables.first?.count ?? 0
    try check()
    try addSites(site)
    for index in variables.indices { try addColumns(index) }
    try addProducts()
    try addTargets()
  }

  private func check() throws(SiblingError) {
    guard rows > 0 else { throw SiblingError(.noRows, "there are no rows to impute") }
    guard variables.allSatisfy({ $0.count == rows }) else {
      throw SiblingError(.sizeMismatch, "the variables differ in length")
    }
    guard configuration.imputations > 0, configuration.iterations > 0, configuration.donors > 0
    else {
      throw SiblingError(
        .invalidOption, "imputing needs one imputation, iteration and donor or more")
    }
    let names = variables.map(\.name)
    guard Set(names).count == names.count else {
      throw SiblingError(.duplicateColumn, "a variable is named twice")
    }
    let named =
      Array(configuration.methods.keys) + configuration.visitOrder
      + configuration.predictors.flatMap { [$0.key] + $0.value }
      + [configuration.interaction].compactMap { $0 }
    if let absent = named.sorted().first(where: { !names.contains($0) }) {
      throw SiblingError(
        .invalidOption, "'\(absent)' is not among the variables of the imputation",
        suggestion: nearestName(to: absent, among: names), column: absent)
    }
  }

  private mutating func addSites(_ site: Factor?) throws(SiblingError) {
    guard let site else { return }
    guard site.count == rows else {
      throw SiblingError(.sizeMismatch, "there is not one site for each row")
    }
    if let row = site.codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "a row has no site", help: "every row needs one to be imputed within it",
        row: row)
    }
    let used = site.droppingUnusedLevels()
    guard used.levels.count > 1 else {
      notes.append("there is one site only, so sites play no part")
      return
    }
    guard configuration.siteEffects == .fixed || used.levels.count >= 5 else {
      throw SiblingError(
        .tooFewClusters,
        "a random intercept can't be learnt from \(used.levels.count) sites",
        help: "take fixed site effects, which are right for few sites")
    }
    guard used.levels.count * 2 <= rows else {
      throw SiblingError(
        .badDesign,
        "there are \(used.levels.count) sites in \(rows) rows: the column of sites"
          + " looks like one of people")
    }
    sites = used.codes
    siteCount = used.levels.count
  }

  private mutating func addColumns(_ index: Int) throws(SiblingError) {
    let variable = variables[index]
    switch variable.values {
    case .numbers(let values):
      let observed = values.filter(\.isFinite)
      guard let first = observed.first else { throw Self.allMissing(variable) }
      // Halves, so that sums of huge values stay finite.
      let centre = observed.reduce(0) { $0 + $1 / Double(observed.count) }
      let spread = observed.reduce(0) { max($0, ($1 - centre).magnitude) }
      guard observed.contains(where: { $0 != first }), spread > 0 else {
        if observed.count < rows { throw Self.constant(variable) }
        notes.append("'\(variable.name)' has one value and predicts nothing")
        return
      }
      let sum = observed.reduce(0) { $0 + ($1 - centre) / spread * (($1 - centre) / spread) }
      let scale = (sum / Double(observed.count)).squareRoot() * spread
      add(.number(variable: index, centre: centre, scale: scale), variable.name, [index])
    case .categories(let factor):
      var counts = [Int](repeating: 0, count: factor.levels.count)
      for code in factor.codes where code >= 0 { counts[Int(code)] += 1 }
      let used = counts.indices.filter { counts[$0] > 0 }
      guard let first = used.first else { throw Self.allMissing(variable) }
      let total = counts.reduce(0, +)
      guard used.count > 1 else {
        if total < rows { throw Self.constant(variable) }
        notes.append("'\(variable.name)' has one value and predicts nothing")
        return
      }
      guard used.count <= ChainedEquations.mostLevels else {
        throw SiblingError(
          .badDesign, "'\(variable.name)' has \(used.count) different texts",
          help: "at most \(ChainedEquations.mostLevels) can enter an imputation model; group them"
            + " with a derived column, or name sites with --site", column: variable.name)
      }
      for code in used where code != first {
        add(
          .level(
            variable: index, code: Int32(code), share: Double(counts[code]) / Double(total)),
          "\(variable.name)\(factor.levels[code])", [index])
      }
    }
  }

  private mutating func add(_ source: Source, _ name: String, _ bases: [Int]) {
    columns.append(source)
    names.append(name)
    self.bases.append(bases)
  }

  private mutating func addProducts() throws(SiblingError) {
    guard let name = configuration.interaction,
      let variable = variables.firstIndex(where: { $0.name == name })
    else { return }
    let own = columns.indices.filter { bases[$0] == [variable] }
    let others = columns.indices.filter { $0 > 0 && bases[$0] != [variable] }
    for first in own {
      for second in others {
        add(
          .product(first, second), "\(names[first]):\(names[second])",
          [variable] + bases[second])
      }
    }
  }

  private mutating func addTargets() throws(SiblingError) {
    var order: [Int] = configuration.visitOrder.compactMap { name in
      variables.firstIndex { $0.name == name }
    }
    for index in variables.indices where !order.contains(index) { order.append(index) }
    for index in order {
      let missing = variables[index].missingRows
      guard !missing.isEmpty else { continue }
      targets.append(try target(index, missing))
    }
  }

  private func target(_ index: Int, _ missing: [Int]) throws(SiblingError) -> Target {
    let variable = variables[index]
    var isMissing = [Bool](repeating: false, count: rows)
    for row in missing { isMissing[row] = true }
    let observed = (0..<rows).filter { !isMissing[$0] }
    var levels: [Int32] = []
    var pair: (low: Double, high: Double)?
    var natural: ImputationMethod
    switch variable.values {
    case .numbers(let values):
      natural = .meanMatching
      var low = Double.infinity
      var high = -Double.infinity
      for row in observed { (low, high) = (min(low, values[row]), max(high, values[row])) }
      if observed.allSatisfy({ values[$0] == low || values[$0] == high }) {
        natural = .logistic
        pair = (low, high)
      }
    case .categories(let factor):
      var seen = [Bool](repeating: false, count: factor.levels.count)
      for row in observed { seen[Int(factor.codes[row])] = true }
      levels = seen.indices.filter { seen[$0] }.map { Int32($0) }
      natural = levels.count == 2 ? .logistic : .multinomial
    }
    let method = configuration.methods[variable.name] ?? natural
    let isNumber = levels.isEmpty
    let fits =
      switch method {
      case .normal, .meanMatching: isNumber
      case .logistic: isNumber ? pair != nil : levels.count == 2
      case .multinomial: !isNumber
      }
    guard fits else {
      throw SiblingError(
        .invalidOption,
        "'\(variable.name)' can't be imputed by \(method.rawValue), which is for "
          + (method == .logistic
            ? "two values" : method == .multinomial ? "categories" : "numbers"),
        help: "leave its method out to get \(natural.rawValue)", column: variable.name)
    }
    let chosen = columns(of: index)
    try checkSize(variable, method, observed, chosen.count, classes: max(2, levels.count))
    return Target(
      variable: index, method: method, observed: observed, missing: missing, columns: chosen,
      pair: method == .logistic ? pair : nil, levels: levels)
  }

  /// The design columns that predict a variable: none that rests on itself.
  private func columns(of index: Int) -> [Int] {
    let named = configuration.predictors[variables[index].name]
    let allowed = variables.indices.filter { named?.contains(variables[$0].name) ?? true }
    return columns.indices.filter { column in
      !bases[column].contains(index) && bases[column].allSatisfy { allowed.contains($0) }
    }
  }

  private func checkSize(
    _ variable: ImputationVariable, _ method: ImputationMethod, _ observed: [Int],
    _ predictors: Int, classes: Int
  ) throws(SiblingError) {
    let fixed = siteCount > 0 && configuration.siteEffects == .fixed
    let parameters = predictors + (fixed ? siteCount - 1 : 0)
    guard observed.count > parameters + 1 else {
      throw SiblingError(
        .tooFewObservations,
        "'\(variable.name)' has \(observed.count) observed values and a model of \(parameters)"
          + " parameters",
        help: "name fewer predictors, or leave it out", column: variable.name)
    }
    if method == .logistic || method == .multinomial {
      guard (classes - 1) * predictors <= 1000 else {
        throw SiblingError(
          .badDesign,
          "the model of '\(variable.name)' would have \((classes - 1) * predictors) parameters",
          help: "group its levels, or name fewer predictors", column: variable.name)
      }
    }
    guard fixed else { return }
    var seen = [Bool](repeating: false, count: siteCount)
    for row in observed { seen[Int(sites[row])] = true }
    let without = seen.count { !$0 }
    guard without == 0 else {
      throw SiblingError(
        .badDesign,
        "\(without) site\(without == 1 ? " has" : "s have") no observed value of"
          + " '\(variable.name)', so that fixed site effects can't be estimated",
        help: "take random site effects, which lend those sites the others' distribution, or leave"
          + " those sites out", column: variable.name)
    }
  }

  private static func allMissing(_ variable: ImputationVariable) -> SiblingError {
    SiblingError(
      .badDesign, "'\(variable.name)' has no observed value at all",
      help: "nothing can be learnt about it; leave it out", column: variable.name)
  }

  private static func constant(_ variable: ImputationVariable) -> SiblingError {
    SiblingError(
      .badDesign, "all observed values of '\(variable.name)' are the same",
      help: "whether the missing ones are too can't be learnt; leave it out or fill it with a"
        + " derived column", column: variable.name)
  }
}
