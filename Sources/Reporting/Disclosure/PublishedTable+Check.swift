internal import Statistics

extension PublishedTable {
  /// What a profile's rules have against the table as it is written, cell by cell.
  public func findings(under profile: DisclosureProfile) -> [DisclosureFinding] {
    guard profile.minimumCount != nil else { return [] }
    if table.hasRowsOfPeople {
      return table.rows.isEmpty
        ? [] : [DisclosureFinding("rows of people", path, .fail, "every row is one person")]
    }
    var findings: [DisclosureFinding] = []
    func add(
      _ check: String, _ row: Int, _ column: String, _ status: DisclosureFinding.Status,
      _ words: String
    ) {
      findings.append(
        DisclosureFinding(
          check, path, row: table.key(ofRow: row), column: column, status, words))
    }
    for (position, column) in table.columns.enumerated() {
      for row in table.rows.indices {
        let cell = table.rows[row][position]
        switch column.role {
        case .count:
          guard let count = cell.number else { continue }
          // Where nobody can have left yet, nought tells nothing.
          if count == 0 && table[row, "time"] == .number(0) { continue }
          if isTooSmall(count, profile) {
            add("minimum count", row, column.name, .fail, "a small count is shown")
          } else if !isRounded(count, profile) {
            add("rounding", row, column.name, .fail, "the count is not rounded")
          }
        case .derived(let counts):
          guard cell != .suppressed, cell != .missing else { continue }
          if counts.contains(where: { table[row, $0] == .suppressed }) {
            add(
              "derived", row, column.name, profile.reading == .exact ? .fail : .review,
              "the statistic rests on a withheld count")
          }
          if column.name == "df", let df = cell.number,
            let bound = profile.minimumResidualDegreesOfFreedom, df < Double(bound),
            table[row, "n_clusters"] == .missing, table[row, "n_sites"] == .missing
          {
            add(
              "degrees of freedom", row, column.name, .review,
              "fewer degrees of freedom than the profile asks for, if they count people")
          }
        default: continue
        }
      }
    }
    return findings + dates()
  }

  /// Whether no count that a profile lets out is shown like this.
  private func isTooSmall(_ count: Double, _ profile: DisclosureProfile) -> Bool {
    // Noughts of a rounded curve, as its threes, are differences of rounded numbers.
    guard table.curveRounding == nil, profile.withholds(count) else { return false }
    if count == 0, case .nearest(let base) = profile.reading {
      return profile.minimumCount ?? 0 > base / 2
    }
    return profile.reading.possible(shown: count).upperBound < Double(profile.minimumCount ?? 0)
  }

  private func isRounded(_ count: Double, _ profile: DisclosureProfile) -> Bool {
    if let step = table.curveRounding?.step {
      return count.remainder(dividingBy: Double(step) / 2).magnitude < 1e-6
    }
    switch profile.reading {
    case .exact: return true
    case .nearest(let base): return count.remainder(dividingBy: Double(base)).magnitude < 1e-6
    // Sums and differences of middles of steps are not middles; halves of a step they are.
    case .midpoint: return count.rounded() == count
    }
  }

  /// Columns with exact days: of contracts they may stay, of people never.
  private func dates() -> [DisclosureFinding] {
    var findings: [DisclosureFinding] = []
    for (position, column) in table.columns.enumerated() where column.type != .number {
      let texts = table.rows.compactMap { $0[position].text }
      guard texts.contains(where: { $0.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil }) else {
        continue
      }
      findings.append(
        DisclosureFinding(
          "exact dates", path, column: column.name, .review,
          "the column has exact days: they may be of contracts, never of people"))
    }
    return findings
  }

  /// What a reader of this table learns beside one of the same name that was released earlier.
  public func findings(
    beside earlier: PublishedTable, under profile: DisclosureProfile
  ) -> [DisclosureFinding] {
    let minimum = Double(profile.minimumCount ?? 0)
    let before = Dictionary(
      earlier.keys.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    var findings: [DisclosureFinding] = []
    for (row, key) in keys.enumerated() {
      guard let old = before[key] else { continue }
      for column in table.columns where column.role == .count {
        let (now, then) = (table[row, column.name], earlier.table[old, column.name])
        var words: String?
        if let a = now.number, let b = then.number {
          let gap = (a - b).magnitude
          // Of rounded counts no small difference is seen, only steps.
          if gap > 0, gap < minimum, profile.reading == .exact {
            words = "differs by few people from what was released earlier"
          }
        } else if now == .suppressed, then.number != nil {
          words = "is withheld, but was released earlier"
        } else if now.number != nil, then == .suppressed {
          words = "is shown, but was withheld earlier: it may tell of others withheld then"
        }
        guard let words else { continue }
        findings.append(
          DisclosureFinding(
            "earlier release", path, row: key, column: column.name, .fail,
            "\(words) (\(earlier.path))"))
      }
    }
    return findings
  }
}
