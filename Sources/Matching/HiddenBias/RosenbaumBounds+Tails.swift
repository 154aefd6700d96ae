internal import Glibc
internal import Statistics

/// The distribution of a statistic over the assignments within sets, for any Γ.
enum BiasedDistribution: Sendable {
  /// The sum of the positive pairs' scores, by the normal approximation.
  case signedScores([Double], observed: Double)
  /// The sum of twice the positive pairs' ranks, exactly.
  case exactRanks([Int], observed: Int)
  /// The number of positive pairs among those that differ.
  case binomial(trials: Int, observed: Int)
  /// The sum of one score from each set.
  case sets(SetScores)

  /// The p-value P(T ≥ observed) at its largest or smallest over hidden biases of size Γ.
  func tail(_ gamma: Double, largest: Bool) -> Double {
    // The probability that the unit with the higher score is the treated one.
    let share = largest ? gamma / (1 + gamma) : 1 / (1 + gamma)
    switch self {
    case .signedScores(let scores, let observed):
      var (sum, squares) = (0.0, 0.0)
      for score in scores {
        sum += score
        squares += score * score
      }
      let spread = (share * (1 - share) * squares).squareRoot()
      return Normal.standard.upperTail((observed - share * sum) / spread)
    case .exactRanks(let doubled, let observed):
      return Self.rankTail(doubled, observed, share)
    case .binomial(let trials, let observed):
      return Binomial(trials: trials, probability: share).upperTail(observed - 1)
    case .sets(let scores):
      return largest
        ? Normal.standard.upperTail(scores.deviate(gamma))
        : Normal.standard.lowerTail(scores.mirrored.deviate(gamma))
    }
  }

  /// The distribution for outcomes with their signs flipped.
  var mirrored: BiasedDistribution {
    switch self {
    case .signedScores(let scores, let observed):
      .signedScores(scores, observed: scores.reduce(0, +) - observed)
    case .exactRanks(let doubled, let observed):
      .exactRanks(doubled, observed: doubled.reduce(0, +) - observed)
    case .binomial(let trials, let observed):
      .binomial(trials: trials, observed: trials - observed)
    case .sets(let scores): .sets(scores.mirrored)
    }
  }

  /// How many sets bear on the statistic.
  var informative: Int {
    switch self {
    case .signedScores(let scores, _): scores.count { $0 > 0 }
    case .exactRanks(let doubled, _): doubled.count
    case .binomial(let trials, _): trials
    case .sets(let scores): scores.informative
    }
  }

  /// P(Σ r·Bernoulli(share) ≥ observed), one rank after the other.
  private static func rankTail(_ doubled: [Int], _ observed: Int, _ share: Double) -> Double {
    let total = doubled.reduce(0, +)
    var mass = [Double](repeating: 0, count: total + 1)
    mass[0] = 1
    var reached = 0
    mass.withUnsafeMutableBufferPointer { mass in
      for rank in doubled {
        reached += rank
        for sum in stride(from: reached, through: rank, by: -1) {
          mass[sum] = mass[sum] * (1 - share) + mass[sum - rank] * share
        }
        for sum in 0..<rank { mass[sum] *= 1 - share }
      }
    }
    // From the small end of the tail, so that small p-values keep their digits.
    var tail = 0.0
    for sum in stride(from: total, through: max(0, observed), by: -1) { tail += mass[sum] }
    return min(1, tail)
  }
}

extension RosenbaumBounds {
  /// The bounds of a statistic at every Γ, and its sensitivity value.
  func result(_ distribution: BiasedDistribution, sets: Int) -> RosenbaumBoundsResult {
    let mirrored = distribution.mirrored
    func pValue(_ gamma: Double, largest: Bool) -> Double {
      switch alternative {
      case .greater: distribution.tail(gamma, largest: largest)
      case .less: mirrored.tail(gamma, largest: largest)
      case .twoSided:
        min(
          1,
          2
            * min(
              distribution.tail(gamma, largest: largest), mirrored.tail(gamma, largest: largest)))
      }
    }
    return RosenbaumBoundsResult(
      statistic: statistic, alternative: alternative,
      bounds: gammas.map { gamma in
        RosenbaumBoundsResult.Bound(
          gamma: gamma, pLower: pValue(gamma, largest: false), pUpper: pValue(gamma, largest: true))
      },
      sensitivityValue: Self.crossing(1 - level) { pValue($0, largest: true) }, sets: sets,
      informativeSets: distribution.informative)
  }

  /// The Γ at which a rising p-value reaches alpha, by bisection to the last digits; 1 when it is
  /// above already, and the last Γ tried when it never gets there.
  static func crossing(_ alpha: Double, _ pValue: (Double) -> Double) -> Double {
    guard pValue(1) < alpha else { return 1 }
    var (low, high) = (1.0, 2.0)
    while pValue(high) < alpha {
      guard high < 1e15 else { return high }
      (low, high) = (high, 2 * high)
    }
    for _ in 0..<60 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if pValue(middle) < alpha { low = middle } else { high = middle }
    }
    return high
  }

  /// Wilcoxon's ranks of the pairs that differ.
  func signedRanks(_ differences: [Double]) throws(SiblingError) -> BiasedDistribution {
    let used = differences.filter { $0 != 0 }
    guard !used.isEmpty else { throw Self.noDifference }
    let doubled = Self.doubledRanks(used.map(\.magnitude))
    guard pValue == .exact else {
      var observed = 0
      for (place, difference) in used.enumerated() where difference > 0 {
        observed += doubled[place]
      }
      return .signedScores(doubled.map { Double($0) / 2 }, observed: Double(observed) / 2)
    }
    guard used.count <= Self.largestExact else {
      throw SiblingError(
        .invalidOption,
        "exact p-values are for at most \(Self.largestExact) pairs that differ; there are"
          + " \(used.count)", help: "use the normal approximation", column: "p-value")
    }
    let observed = used.indices.reduce(0) { $0 + (used[$1] > 0 ? doubled[$1] : 0) }
    return .exactRanks(doubled, observed: observed)
  }

  /// Twice the mid-ranks: whole numbers.
  static func doubledRanks(_ values: [Double]) -> [Int] {
    let order = Sorting.order(values)
    var ranks = [Int](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[Int(order[end + 1])] == values[Int(order[start])] {
        end += 1
      }
      for place in start...end { ranks[Int(order[place])] = start + end + 2 }
      start = end + 1
    }
    return ranks
  }

  /// McNemar's counts.
  func discordant(_ differences: [Double]) throws(SiblingError) -> BiasedDistribution {
    if let row = differences.firstIndex(where: { $0 != 0 && $0.magnitude != 1 }) {
      throw SiblingError(
        .badValue, "McNemar's statistic needs outcomes of 0 and 1",
        help: "use the Wilcoxon statistic for outcomes that are measured", row: row)
    }
    let trials = differences.count { $0 != 0 }
    guard trials > 0 else { throw Self.noDifference }
    return .binomial(trials: trials, observed: differences.count { $0 > 0 })
  }

  static var noDifference: SiblingError {
    SiblingError(
      .constantOutcome, "no matched set has outcomes that differ, so there is nothing to judge",
      help: "check the outcome's column")
  }
}
