internal import Glibc
public import Statistics

/// What is measured in every simulated future.
struct ScenarioMeasures: Sendable {
  let names: [ScenarioMeasure.Name]
  private let payerNames: [String]
  private let blockPayer: Int
  private let equity, loan, loanRate: Double

  init(_ plan: ScenarioPlan, onlySurplus: Bool = false) {
    payerNames = plan.payerNames
    blockPayer = payerNames.firstIndex(of: plan.blockPayer) ?? 0
    (equity, loan, loanRate) = (plan.equity.pounds, plan.loan.pounds, plan.loanRate)
    guard !onlySurplus else {
      names = [.amount("surplus"), .chance("loss")]
      return
    }
    var names: [ScenarioMeasure.Name] = [
      .amount("income"), .amount("cost"), .amount("surplus"), .chance("loss"), .amount("cash.need"),
      .chance("cap.binds"),
    ]
    names += payerNames.map { .amount("payer:" + $0) }
    if equity + loan > 0 {
      names += [
        .chance("capital.short"), .rate("investor.irr"), .rate("investor.multiple"),
        .chance("investor.loses"),
      ]
    }
    if equity > 0 { names += [.rate("equity.irr"), .rate("equity.multiple")] }
    if loan > 0 { names += [.rate("loan.irr"), .rate("loan.multiple")] }
    names += [.count("engagements"), .count("job.starts"), .count("sustained"), .count("waiting")]
    self.names = names
  }

  /// The surplus of one future, and 1 where it is a loss.
  func surplus(
    _ payments: ScenarioPayments, _ terms: ScenarioPlan.Terms, cost: Double
  ) -> [Double] {
    let income = terms.block.pounds + terms.scale * payments.byQuarter.reduce(0, +)
    let surplus = income - Double(terms.blocks.count) * cost
    // Rounding of sums must not make a loss of a future that exactly breaks even.
    return [surplus, surplus < -0.005 ? 1 : 0]
  }

  /// The values of one future, in the order of the names; NaN where there is none.
  func values(
    _ counts: ScenarioCounts, _ payments: ScenarioPayments, _ terms: ScenarioPlan.Terms,
    _ finance: ScenarioFinance, cost: Double
  ) -> [Double] {
    var paid = payments.byPayer.map { $0 * terms.scale }
    if paid.count < payerNames.count { paid.append(0) }
    paid[blockPayer] += terms.block.pounds
    let spent = Double(terms.blocks.count) * cost
    let own = surplus(payments, terms, cost: cost)
    var row = [own[0] + spent, spent] + own + [finance.need, payments.isCapped ? 1 : 0]
    row += paid
    let capital = equity + loan
    if capital > 0 {
      var back = finance.loanBack
      if back.isEmpty { back = [Double](repeating: 0, count: finance.cash.count - 1) }
      let loanBack = back.reduce(0, +)
      // A loan that is paid as agreed earns its rate.
      let earned =
        finance.isLoanOnTime ? loanRate : ScenarioFinance.yearly(paid: loan, back: back)
      let lastQuarter = Double(back.count)
      back[back.count - 1] += finance.equityBack
      let all = loanBack + finance.equityBack
      row += [
        finance.need > capital + 0.005 ? 1 : 0,
        ScenarioFinance.yearly(paid: capital, back: back) ?? .nan, all / capital,
        all < capital - 0.005 ? 1 : 0,
      ]
      if equity > 0 {
        let multiple = finance.equityBack / equity
        row += [expm1(log(multiple) * 4 / lastQuarter), multiple]
      }
      if loan > 0 { row += [earned ?? .nan, loanBack / loan] }
    }
    let sums = counts.outcomes.reduce(into: [0, 0, 0, 0, 0]) { sums, quarter in
      for item in sums.indices { sums[item] += quarter[item] }
    }
    row += [
      Double(sums[0]), Double(sums[1] + sums[2]), Double(sums[3] + sums[4]), Double(counts.waiting),
    ]
    return row
  }
}

/// One scenario under one split: what was simulated.
public struct ScenarioCell: Sendable, Equatable {
  /// What goes otherwise than planned.
  public var setting: ScenarioSetting
  /// The share of the value that is paid as block.
  public var blockShare: Double
  /// What was measured.
  public var measures: [ScenarioMeasure]
  /// Cash without investors' money before the first quarter and after each; empty unless asked for.
  public var path: [ScenarioMeasure]

  /// The measure of a name.
  public subscript(name: String) -> ScenarioMeasure? { measures.first { $0.name.text == name } }
}

/// One measure over all simulated futures.
public struct ScenarioMeasure: Sendable, Equatable {
  /// What is measured.
  public var name: Name
  /// The mean; for a chance the share of futures in which it happens.
  public var mean: Double
  /// The Monte-Carlo standard error of the mean.
  public var standardError: Double
  /// The quantiles at 5, 25, 50, 75 and 95% (type 7); empty for a chance.
  public var quantiles: [Double]
  /// The interval of Monte-Carlo error: exact (Clopper and Pearson) for a chance, normal for a mean.
  public var interval: ConfidenceInterval

  /// A measure's name and kind.
  public enum Name: Sendable, Equatable {
    /// An amount in pounds.
    case amount(String)
    /// Whether something happens.
    case chance(String)
    /// A rate a year or a multiple.
    case rate(String)
    /// A number of people.
    case count(String)

    /// The name.
    public var text: String {
      switch self {
      case .amount(let text), .chance(let text), .rate(let text), .count(let text): text
      }
    }
  }

  /// The levels of the quantiles.
  public static let levels = [0.05, 0.25, 0.5, 0.75, 0.95]

  init(_ name: Name, _ values: [Double], level: Double) {
    self.name = name
    let known = values.filter { !$0.isNaN }
    let n = Double(known.count)
    let mean = known.isEmpty ? .nan : known.reduce(0, +) / n
    let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = known.count > 1 ? (squares / (n - 1) / n).squareRoot() : .nan
    (self.mean, standardError) = (mean, error)
    if case .chance = name {
      quantiles = []
      interval = ExactInference.proportion(
        known.count { $0 == 1 }, of: known.count, level: level)
    } else {
      let sorted = known.sorted()
      quantiles = Self.levels.map { Self.quantile(sorted, $0) }
      let reach = Normal.standard.upperQuantile((1 - level) / 2) * error
      interval = ConfidenceInterval(low: mean - reach, high: mean + reach, level: level)
    }
  }

  private static func quantile(_ sorted: [Double], _ level: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = level * Double(sorted.count - 1)
    let below = Int(place)
    guard below + 1 < sorted.count else { return last }
    let share = place - Double(below)
    return sorted[below] + share * (sorted[below + 1] - sorted[below])
  }
}
