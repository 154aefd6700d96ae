internal import Statistics

/// The counts of every group and stage, in one pass over people.
struct Tally {
  struct Cell {
    var atRisk = 0
    var reached = 0
    var notReached = 0
    var unknown = 0
    var immature = 0
    var notEligible = 0
    var skipped = 0
    var byRule: [Int] = []
    /// Of those who reached the base: known, and yes; nil up to the base.
    var ofBase: (known: Int, yes: Int)?
  }

  var people: [Int]
  /// Group by group, stage by stage.
  var cells: [Cell]

  init(_ stages: [FunnelStage], _ groups: Factor, base: Int?) {
    let width = stages.count
    people = [Int](repeating: 0, count: groups.levels.count)
    let empty = stages.enumerated().map { place, stage -> Cell in
      var cell = Cell(byRule: [Int](repeating: 0, count: stage.rules.count))
      if let base, place > base { cell.ofBase = (0, 0) }
      return cell
    }
    cells = groups.levels.flatMap { _ in empty }
    // How far each person came, updated stage by stage: columns are read in order.
    var isIn = groups.codes.map { $0 >= 0 }
    var isAccepted = [Bool](repeating: false, count: groups.count)
    for code in groups.codes where code >= 0 { people[Int(code)] += 1 }
    for (place, stage) in stages.enumerated() {
      // A group's counts side by side: reached, reached out of turn, then a rule each.
      let span = 2 + stage.rules.count
      var counts = [Int](repeating: 0, count: groups.levels.count * span)
      var known = [Int](repeating: 0, count: groups.levels.count)
      var yes = known
      let isAfterBase = base.map { place > $0 } ?? false
      for (row, code) in groups.codes.enumerated() where code >= 0 {
        let (group, value) = (Int(code), stage.reached[row])
        if isAfterBase, isAccepted[row], value >= 0 {
          known[group] += 1
          yes[group] += Int(value)
        }
        if isIn[row] {
          if value == 1 {
            counts[group * span] += 1
          } else {
            counts[group * span + 2 + Int(stage.reason[row])] += 1
            isIn[row] = false
          }
        } else if value == 1 {
          counts[group * span + 1] += 1
        }
      }
      if place == base { isAccepted = isIn }
      for group in groups.levels.indices {
        let index = group * width + place
        let own = counts[(group * span)..<((group + 1) * span)]
        cells[index].reached = own[own.startIndex]
        cells[index].skipped = own[own.startIndex + 1]
        cells[index].byRule = Array(own.dropFirst(2))
        for (rule, count) in zip(stage.rules, cells[index].byRule) {
          switch rule.status {
          case 0: cells[index].notReached += count
          case -1: cells[index].unknown += count
          case -2: cells[index].immature += count
          default: cells[index].notEligible += count
          }
        }
        cells[index].atRisk =
          cells[index].reached + cells[index].notReached + cells[index].unknown
          + cells[index].immature
        if isAfterBase { cells[index].ofBase = (known[group], yes[group]) }
      }
    }
  }
}
