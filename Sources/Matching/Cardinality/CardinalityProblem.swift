internal import Statistics

/// Cardinality matching as a choice of how many units of each covariate profile are kept.
///
/// Units of a group that are alike in every covariate are one column with a count, and columns are in
/// the order of their profiles: the problem does not know the order of the rows.
struct CardinalityProblem {
  /// A covariate whose means are constrained.
  struct Constraint {
    var name: String
    var values: [Double]
    /// The largest difference of means, in the covariate's own units.
    var bound: Double
    /// What the covariate is divided by.
    var scale: Double
    /// What is subtracted before: the target's mean where the whole target is kept.
    var center: Double
  }

  let treatment: [Bool]
  let constraints: [Constraint]
  /// Whether the target group is the treated; for ATE too.
  let focalIsTreated: Bool
  /// Units of the other group for each of the target; nil where the whole target is kept.
  let ratio: Int?
  let sizes: (focal: Int, other: Int)
  /// The rows of each profile, ascending.
  let members: [[Int32]]
  /// Whether a profile belongs to the target group.
  let isFocal: [Bool]
  /// The scaled covariates of each profile, profile by profile.
  let profiles: [Double]

  /// How far a difference may exceed its bound by rounding, in standard deviations.
  static let rounding = 1e-9

  init(
    _ matching: CardinalityMatching, treatment: [Bool], covariates: [BalanceCovariate]
  ) throws(SiblingError) {
    let groups = try Inputs.groups(treatment)
    let focalIsTreated = matching.estimand != .atc
    self.treatment = treatment
    self.focalIsTreated = focalIsTreated
    ratio = matching.ratio ?? (matching.estimand == .ate ? 1 : nil)
    sizes =
      focalIsTreated
      ? (groups.treated, groups.comparison) : (groups.comparison, groups.treated)
    var constraints: [Constraint] = []
    for covariate in covariates {
      try Inputs.finite(covariate.values, expected: treatment.count, column: covariate.name)
      guard !covariate.isConstant else { continue }
      constraints.append(
        try Constraint(
          covariate, treatment, matching, focalIsTreated: focalIsTreated,
          keepsFocal: ratio == nil))
    }
    guard !constraints.isEmpty else {
      throw SiblingError(
        .badDesign, "cardinality matching needs a covariate that varies",
        help: "Without covariates there are no means to make alike.")
    }
    self.constraints = constraints
    let width = constraints.count
    var scaled = [Double](repeating: 0, count: treatment.count * width)
    for (place, one) in constraints.enumerated() {
      for row in treatment.indices {
        scaled[row * width + place] = (one.values[row] - one.center) / one.scale
      }
    }
    var members: [[Int32]] = []
    for row in Self.ordered(scaled, width: width, treatment, focalIsTreated: focalIsTreated)
    where ratio != nil || treatment[row] != focalIsTreated {
      if let last = members.last, treatment[Int(last[0])] == treatment[row],
        (0..<width).allSatisfy({
          scaled[Int(last[0]) * width + $0] == scaled[row * width + $0]
        })
      {
        members[members.count - 1].append(Int32(row))
      } else {
        members.append([Int32(row)])
      }
    }
    self.members = members
    isFocal = members.map { treatment[Int($0[0])] == focalIsTreated }
    profiles = members.flatMap { rows in
      scaled[(Int(rows[0]) * width)..<((Int(rows[0]) + 1) * width)]
    }
  }

  /// Rows by group, then by profile, then by number.
  private static func ordered(
    _ scaled: [Double], width: Int, _ treatment: [Bool], focalIsTreated: Bool
  ) -> [Int] {
    scaled.withUnsafeBufferPointer { scaled in
      treatment.indices.sorted { left, right in
        if treatment[left] != treatment[right] { return treatment[left] == focalIsTreated }
        for place in 0..<width {
          let (one, two) = (scaled[left * width + place], scaled[right * width + place])
          if one != two { return one < two }
        }
        return left < right
      }
    }
  }
}

extension CardinalityProblem.Constraint {
  /// Measures a covariate as the balance table does.
  ///
  /// - Throws: `tooFewObservations` where one unit has no standard deviation, `badValue` for a
  ///   covariate whose spread no number holds.
  fileprivate init(
    _ covariate: BalanceCovariate, _ treatment: [Bool], _ matching: CardinalityMatching,
    focalIsTreated: Bool, keepsFocal: Bool
  ) throws(SiblingError) {
    let sample = BalanceSample(
      treatment: treatment, weights: [Double](repeating: 1, count: treatment.count))
    let measured = CovariateMeasurement(
      covariate.values, sample, estimand: matching.estimand, includesOverlap: false)
    let deviation = measured.denominator
    let fewest =
      switch matching.estimand {
      case .att: sample.sizes.treated
      case .atc: sample.sizes.comparison
      default: min(sample.sizes.treated, sample.sizes.comparison)
      }
    guard !deviation.isNaN || fewest > 1 else {
      throw SiblingError(
        .tooFewObservations,
        "one unit alone has no standard deviation, in which the tolerance on"
          + " \(covariate.name) is given",
        help: "Choose an estimand whose group has more rows.", column: covariate.name)
    }
    let means = measured.before.means
    let (low, high) = (covariate.values.min() ?? 0, covariate.values.max() ?? 0)
    name = covariate.name + (covariate.level.map { " \($0)" } ?? "")
    values = covariate.values
    bound = matching.tolerance * deviation
    scale = deviation > 0 ? deviation : high - low
    let target = focalIsTreated ? means.treated : means.comparison
    center = keepsFocal ? target : (means.treated + means.comparison) / 2
    guard scale.isFinite, bound.isFinite, ((high - center) / scale).isFinite,
      ((low - center) / scale).isFinite
    else {
      throw SiblingError(
        .badValue, "the spread of \(covariate.name) is too large for a number",
        help: "Rescale it.", column: covariate.name)
    }
  }

  /// The bound in units of the scale.
  var scaledBound: Double { bound / scale }
}

extension BalanceCovariate {
  /// Whether all rows have one value.
  var isConstant: Bool { values.allSatisfy { $0 == values.first } }
}

extension CardinalityProblem {
  /// The linear programme: a column for each profile, at most two rows for each covariate.
  ///
  /// A kept target unit counts one half and as many others as the ratio asks for the other half, so
  /// that the value is the number of target units; without a ratio it is the number of the others. Costs are
  /// raised by 1e-4 in all, each by another amount, so that few reduced costs tie; the value so stays
  /// an upper bound. Only `share` of each covariate's bound is allowed for.
  func programme(share: Double = 1) -> BoundedSimplex {
    let count = members.count
    let width = constraints.count
    var matrix: [Double] = []
    var isEquation: [Bool] = []
    for (place, one) in constraints.enumerated() {
      let column = (0..<count).map { profiles[$0 * width + place] }
      let bound = share * one.scaledBound
      for sign in bound > 0 ? [1.0, -1.0] : [1.0] {
        isEquation.append(bound == 0)
        for profile in 0..<count {
          guard let ratio else {
            matrix.append(sign * column[profile] - bound)
            continue
          }
          matrix.append(
            isFocal[profile]
              ? Double(ratio) * (sign * column[profile] - bound) : -sign * column[profile])
        }
      }
    }
    if let ratio {
      isEquation.append(true)
      matrix += isFocal.map { $0 ? -Double(ratio) : 1 }
    }
    let upper = members.map { Double($0.count) }
    let raised = 1e-4 / upper.reduce(0, +)
    let costs = (0..<count).map { profile in
      let share = 0.6180339887498949 * Double(profile + 1)
      return cost(profile) + raised * (share - share.rounded(.down))
    }
    return BoundedSimplex(
      matrix: matrix, costs: costs, upper: upper,
      rightSide: [Double](repeating: 0, count: isEquation.count), isEquation: isEquation)
  }

  /// What a unit of a profile counts.
  private func cost(_ profile: Int) -> Double {
    guard let ratio else { return 1 }
    return isFocal[profile] ? 0.5 : 0.5 / Double(ratio)
  }

  /// What no choice can exceed, given multipliers of the rows: computed from the columns alone.
  ///
  /// For multipliers that are not negative on inequalities, Σ uⱼ max(0, cⱼ − y·aⱼ) bounds the value.
  func bound(_ programme: BoundedSimplex, _ multipliers: [Double]) -> Double {
    var sum = 0.0
    for profile in members.indices {
      var gain = cost(profile)
      for row in multipliers.indices where multipliers[row] != 0 {
        gain -= multipliers[row] * programme.matrix[row * members.count + profile]
      }
      if gain > 0 { sum += gain * Double(members[profile].count) }
    }
    return sum
  }

  /// The number kept by a choice that holds every constraint; nil when it doesn't.
  func size(_ counts: [Int]) -> Int? {
    let width = constraints.count
    var sums = (focal: [Double](repeating: 0, count: width), other: [Double]())
    sums.other = sums.focal
    var (focal, other) = (0, 0)
    for (profile, count) in counts.enumerated() where count > 0 {
      let units = Double(count)
      if isFocal[profile] {
        focal += count
        for place in 0..<width { sums.focal[place] += units * profiles[profile * width + place] }
      } else {
        other += count
        for place in 0..<width { sums.other[place] += units * profiles[profile * width + place] }
      }
    }
    guard other > 0 else { return nil }
    if let ratio, other != ratio * focal { return nil }
    for (place, one) in constraints.enumerated() {
      let target = ratio == nil ? 0 : sums.focal[place] / Double(focal)
      guard
        (target - sums.other[place] / Double(other)).magnitude
          <= one.scaledBound + Self.rounding
      else { return nil }
    }
    return ratio == nil ? other : focal
  }

  /// The covariate whose constraint costs most; nil when none binds.
  func binding(_ multipliers: [Double]) -> String? {
    var row = 0
    var (name, most) = (String?.none, 0.0)
    for one in constraints {
      for _ in 0..<(one.bound > 0 ? 2 : 1) {
        if multipliers[row].magnitude > most {
          (name, most) = (one.name, multipliers[row].magnitude)
        }
        row += 1
      }
    }
    return name
  }
}
