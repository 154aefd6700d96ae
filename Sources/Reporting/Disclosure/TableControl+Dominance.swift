extension TableControl {
  /// Withholds sums most of which one or two contributors gave, by what they gave.
  ///
  /// A sum whose contributors are not given, or that they contradict, is withheld: that it is safe
  /// is then not known.
  mutating func withholdDominated() {
    guard let bound = profile.dominance else { return }
    for rule in table.dominance {
      for row in table.rows.indices {
        guard let total = original[row, rule.total].number else { continue }
        let first = original[row, rule.first].number
        let second = original[row, rule.second].number ?? 0
        let isDominated: Bool
        if total == 0 {
          isDominated = false
        } else if let first {
          isDominated = bound.withholds(
            total: total.magnitude, first: first.magnitude, second: second.magnitude)
        } else {
          isDominated = true
        }
        guard isDominated else { continue }
        for name in [rule.total] + rule.together {
          if let position = table.position(of: name) {
            withhold(row: row, position: position, rule: "dominance")
          }
        }
      }
    }
  }
}
