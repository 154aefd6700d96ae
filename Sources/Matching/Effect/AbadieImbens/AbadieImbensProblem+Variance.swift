internal import LinearAlgebra
internal import Statistics

extension AbadieImbensProblem {
  /// The means, and whether each row had a part in them.
  func means() throws(SiblingError) -> (means: PotentialMeans, isUsed: [Bool]) {
    let one = try arm(true)
    let zero = try arm(false)
    let focal = treatment.indices.filter { isFocal($0) }
    let n = Double(focal.count)
    let mean = (
      one: focal.reduce(0) { $0 + one.filled[$1] } / n,
      zero: focal.reduce(0) { $0 + zero.filled[$1] } / n
    )
    var covariance = Matrix(rows: 2, columns: 2)
    for row in focal {
      let (a, b) = (one.filled[row] - mean.one, zero.filled[row] - mean.zero)
      covariance[0, 0] += a * a
      covariance[0, 1] += a * b
      covariance[1, 1] += b * b
    }
    let variances = conditionalVariances(one, zero, effect: mean.one - mean.zero)
    for row in treatment.indices {
      let arm = treatment[row] ? one : zero
      let weight = arm.weight[row]
      // A focal row's own outcome counts once more: (1 + K)² − 1 − K′.
      let factor = weight * weight - arm.squares[row] + (isFocal(row) ? 2 * weight : 0)
      let place = treatment[row] ? 0 : 1
      covariance[place, place] += factor * variances[row]
    }
    covariance[1, 0] = covariance[0, 1]
    covariance = covariance.scaled(by: 1 / (n * n))
    var convention = "Abadie-Imbens, " + varianceWords + ", "
    if let correction {
      covariance =
        covariance
        + correction.adjustment(
          self, filled: (one.filled, zero.filled), means: mean,
          neighbors: max(2, settings.varianceNeighbors + 1))
      convention += "score estimated, z"
    } else {
      convention += "score taken as known, z"
    }
    if adjusting != nil { convention += "; bias-adjusted" }
    var notes = one.notes
    for note in zero.notes where !notes.contains(note) { notes.append(note) }
    let used = treatment.indices.map { row in
      isFocal(row) || (treatment[row] ? one : zero).weight[row] > 0
    }
    return (
      PotentialMeans(
        treated: mean.one, comparison: mean.zero, covariance: covariance, influence: nil,
        clusters: nil, convention: convention, notes: notes),
      used
    )
  }

  private var varianceWords: String {
    switch settings.varianceNeighbors {
    case 0: "one variance"
    case 1: "variance from 1 neighbour"
    default: "variance from \(settings.varianceNeighbors) neighbours"
    }
  }

  /// Each row's variance given its distance measure.
  private func conditionalVariances(_ one: Arm, _ zero: Arm, effect: Double) -> [Double] {
    let wanted = settings.varianceNeighbors
    guard wanted > 0 else {
      // Half the mean squared difference of matched outcomes, less the effect: two variances each.
      var (sum, count) = (0.0, 0)
      for row in treatment.indices where isFocal(row) {
        let other = treatment[row] ? zero : one
        let sign = treatment[row] ? 1.0 : -1.0
        let lists = other.neighbors
        var squares = 0.0
        for place in lists.lower[row]..<lists.upper[row] {
          let match = Int(lists.members[place])
          let filled = outcome[match] + other.predicted[row] - other.predicted[match]
          let gap = sign * (outcome[row] - filled) - effect
          squares += gap * gap
        }
        sum += squares / Double(lists.count(row))
        count += 1
      }
      return [Double](repeating: sum / Double(2 * count), count: treatment.count)
    }
    var result = [Double](repeating: 0, count: treatment.count)
    for isTreated in [true, false] {
      let group = isTreated ? groups.treated : groups.comparison
      let lists = neighbors(in: group, count: wanted + 1)
      let sums = lists.sums(of: outcome)
      for row in treatment.indices where treatment[row] == isTreated {
        let others = Double(lists.count(row) - 1)
        let gap = outcome[row] - (sums[row] - outcome[row]) / others
        result[row] = others / (others + 1) * gap * gap
      }
    }
    return result
  }
}
