import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Agreement with R's mice 3.15.0; `Tests/Reference/imputation/chained_equations.R` made the data and
/// the values, with 300 imputations of 6 iterations each.
@Suite("Imputation against mice")
struct ImputationGoldenTests {
  private static let imputations = 300

  private static func data() throws -> (columns: [String: [Double]], band: Factor, site: Factor) {
    let csv = try Golden.csv("imputation/incomplete.csv")
    let numbers = ["age", "motivation", "worked", "weeks"].map { ($0, Golden.numbers(csv[$0])) }
    func factor(_ name: String) -> Factor {
      Factor((csv[name] ?? []).map { $0.isEmpty ? nil : $0 })
    }
    return (Dictionary(uniqueKeysWithValues: numbers), factor("band"), factor("site"))
  }

  /// Least squares with an intercept: coefficients and variances.
  private static func regress(
    _ y: [Double], _ predictors: [[Double]]
  ) throws -> (estimates: [Double], variances: [Double]) {
    let columns = [[Double](repeating: 1, count: y.count)] + predictors
    var gram = Matrix(rows: columns.count, columns: columns.count)
    var right: [Double] = []
    for (i, a) in columns.enumerated() {
      for (j, b) in columns.enumerated() {
        gram[i, j] = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      }
      right.append(zip(a, y).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let factor = try Cholesky(gram)
    let beta = factor.solve(right)
    var squares = 0.0
    for row in y.indices {
      let fitted = columns.indices.reduce(0) { $0 + beta[$1] * columns[$1][row] }
      squares += (y[row] - fitted) * (y[row] - fitted)
    }
    let variance = squares / Double(y.count - columns.count)
    return (beta, factor.inverse.diagonal.map { $0 * variance })
  }

  /// Between-site variance of a one-way analysis, as the script has it.
  private static func between(_ y: [Double], _ site: Factor) -> Double {
    let groups = site.levels.count
    var (sums, counts) = (
      [Double](repeating: 0, count: groups), [Double](repeating: 0, count: groups)
    )
    for (value, code) in zip(y, site.codes) {
      sums[Int(code)] += value
      counts[Int(code)] += 1
    }
    let grand = y.reduce(0, +) / Double(y.count)
    let means = zip(sums, counts).map { $0 / $1 }
    let among = zip(means, counts).reduce(0) { $0 + $1.1 * ($1.0 - grand) * ($1.0 - grand) }
    let inside = zip(y, site.codes).reduce(0) { total, pair in
      let rest = pair.0 - means[Int(pair.1)]
      return total + rest * rest
    }
    let (a, b) = (among / Double(groups - 1), inside / Double(y.count - groups))
    return (a - b) / (Double(y.count) / Double(groups))
  }

  /// Compares pooled estimates, standard errors and information lost within Monte-Carlo error.
  ///
  /// A pooled estimate has the Monte-Carlo variance B/m on either side; B itself has a relative
  /// standard error of √(2/(m − 1)). Four standard errors are allowed, and a hundredth of a standard
  /// error for how the methods are written (mice draws no parameters for polyreg, weights its
  /// pseudo-observations equally and stops searching for donors at other ties).
  private func compare(
    _ fits: [(estimates: [Double], variances: [Double])], _ golden: JSON, loose: Double = 0
  ) throws {
    let m = Double(Self.imputations)
    for j in fits[0].estimates.indices {
      let pooled = try RubinPooling(
        completeDegreesOfFreedom: golden["dfcom"][j].double
      ).pool(
        estimates: fits.map { $0.estimates[j] }, variances: fits.map { $0.variances[j] })
      let (b, se) = (golden["b"][j].double, golden["se"][j].double)
      let noise = 4 * (2 * max(b, pooled.betweenVariance) / m).squareRoot()
      let gap = (pooled.estimate - golden["estimate"][j].double).magnitude
      #expect(gap < noise + (0.01 + loose) * se, "term \(j): \(gap) against \(noise)")
      let variance = 4 * (4 / (m - 1)).squareRoot() * b / (se * se)
      let ratio = pooled.standardError / se
      #expect((ratio * ratio - 1).magnitude < variance + 0.01 + loose, "term \(j): \(ratio)")
      let fmi = golden["fmi"][j].double
      #expect(
        (pooled.fractionMissing - fmi).magnitude < 4 * (4 / (m - 1)).squareRoot() * fmi + loose,
        "term \(j): \(pooled.fractionMissing) against \(fmi)")
    }
  }

  private func numbers(_ copy: [ImputationVariable], _ index: Int) -> [Double] {
    if case .numbers(let values) = copy[index].values { values } else { [] }
  }

  private static let method: [String: ImputationMethod] = [
    "norm": .normal, "pmm": .meanMatching, "fixed": .normal, "random": .normal,
  ]

  @Test(
    "Numbers: norm, pmm, site indicators, a random intercept",
    arguments: [
      "norm", "pmm", "fixed", "random",
    ])
  func numeric(_ name: String) throws {
    let data = try Self.data()
    let variables = ["age", "motivation", "weeks"].map {
      ImputationVariable($0, .numbers(data.columns[$0] ?? []))
    }
    let method = try #require(Self.method[name])
    let result = try ChainedEquations(
      imputations: Self.imputations, iterations: 6, seed: 11,
      methods: ["motivation": method, "weeks": method],
      siteEffects: name == "random" ? .random : .fixed
    ).impute(variables, site: name == "fixed" || name == "random" ? data.site : nil)
    let golden = try Golden.json("imputation/chained_equations.json")[name]
    let fits = try result.completed.map {
      try Self.regress(numbers($0, 2), [numbers($0, 1), numbers($0, 0)])
    }
    // A random intercept has another prior for its variance than lmer's draws.
    try compare(fits, golden, loose: name == "random" ? 0.05 : 0.01)
    guard name == "fixed" || name == "random" else { return }
    let spread =
      result.completed.reduce(0) { $0 + Self.between(numbers($1, 2), data.site) }
      / Double(Self.imputations)
    #expect((spread / golden["between"].double - 1).magnitude < 0.05, "\(spread)")
  }

  @Test("Two values by logreg") func logistic() throws {
    let data = try Self.data()
    let variables = ["age", "worked", "weeks"].map {
      ImputationVariable($0, .numbers(data.columns[$0] ?? []))
    }
    let result = try ChainedEquations(
      imputations: Self.imputations, iterations: 6, seed: 12, methods: ["weeks": .normal]
    ).impute(variables)
    let fits = try result.completed.map {
      try Self.regress(numbers($0, 2), [numbers($0, 1), numbers($0, 0)])
    }
    try compare(fits, try Golden.json("imputation/chained_equations.json")["logreg"], loose: 0.02)
  }

  @Test("Three categories by polyreg") func multinomial() throws {
    let data = try Self.data()
    let variables = [
      ImputationVariable("age", .numbers(data.columns["age"] ?? [])),
      ImputationVariable("band", .categories(data.band)),
      ImputationVariable("weeks", .numbers(data.columns["weeks"] ?? [])),
    ]
    let result = try ChainedEquations(
      imputations: Self.imputations, iterations: 6, seed: 13, methods: ["weeks": .normal]
    ).impute(variables)
    let fits = try result.completed.map { copy in
      guard case .categories(let band) = copy[1].values else { throw SiblingError(.badValue, "") }
      return try Self.regress(
        numbers(copy, 2),
        [
          band.codes.map { $0 == 1 ? 1 : 0 }, band.codes.map { $0 == 2 ? 1 : 0 },
          numbers(copy, 0),
        ])
    }
    try compare(fits, try Golden.json("imputation/chained_equations.json")["polyreg"], loose: 0.04)
  }

  @Test("Rubin's rules with Barnard and Rubin's degrees of freedom, to 1e-10")
  func rubin() throws {
    let golden = try Golden.json("imputation/chained_equations.json")["rubin"]
    for (name, complete) in [("n50k3", 47.0), ("n1000k10", 990), ("infinite", nil)] {
      let pooled = try RubinPooling(completeDegreesOfFreedom: complete).pool(
        estimates: golden["q"].doubles, variances: golden["u"].doubles)
      let wanted = golden[name]
      #expect(close(pooled.estimate, wanted["qbar"].double, .converged))
      #expect(close(pooled.withinVariance, wanted["ubar"].double, .converged))
      #expect(close(pooled.betweenVariance, wanted["b"].double, .converged))
      #expect(close(pooled.totalVariance, wanted["t"].double, .converged))
      #expect(close(pooled.relativeIncrease, wanted["r"].double, .converged))
      #expect(close(pooled.degreesOfFreedom ?? .nan, wanted["df"].double, .converged))
      #expect(close(pooled.fractionMissing, wanted["fmi"].double, .converged))
    }
  }

  @Test("The pooled Wald test D1, to 1e-8") func wald() throws {
    let golden = try Golden.json("imputation/chained_equations.json")["D1"]
    let result = try RubinPooling(completeDegreesOfFreedom: golden["dfcom"].double).wald(
      estimates: golden["coefficients"].array.map(\.doubles),
      covariances: golden["covariances"].array.map {
        Matrix(rows: 2, columns: 2, storage: $0.doubles)
      })
    #expect(close(result.statistic, golden["F"].double))
    #expect(close(result.denominator, golden["df2"].double))
    #expect(close(result.pValue, golden["p"].double))
    #expect(close(result.relativeIncrease, golden["riv"].double))
  }
}
