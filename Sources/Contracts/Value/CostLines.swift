internal import Statistics

/// The sums of categories while they are being added up.
struct CostLines {
  /// The lines so far, without their greatest contributors.
  private var lines: [CostAccounts.Line] = []
  /// What each site gave to each line.
  private var bySite: [[Int: Money]] = []
  private let sites: [CostedSite]
  private var index: [Int: Int] = [:]
  private var seen: [Set<Int>] = []

  init(_ sites: [CostedSite]) {
    self.sites = sites
    for isTreated in [true, false] where sites.contains(where: { $0.isTreated == isTreated }) {
      for (place, category) in CostCategory.allCases.enumerated() {
        for (view, perspective) in CostPerspective.allCases.enumerated() {
          index[key(isTreated, place, view)] = lines.count
          lines.append(
            CostAccounts.Line(
              category: category, perspective: perspective, isTreated: isTreated, amount: .zero,
              counted: .zero, presentValue: 0, reasons: [], sites: 0))
          seen.append([])
          bySite.append([:])
        }
      }
    }
  }

  /// The lines with the amounts of the sites that gave most.
  var finished: [CostAccounts.Line] {
    zip(lines, bySite).map { line, amounts in
      var line = line
      line.greatest = Array(amounts.values.sorted { $0.pounds > $1.pounds }.prefix(2))
      return line
    }
  }

  private func key(_ isTreated: Bool, _ category: Int, _ perspective: Int) -> Int {
    (isTreated ? 0 : 1000) + category * 10 + perspective
  }

  mutating func add(
    _ item: CostItem, _ perspective: Int, _ verdict: CostRules.Verdict, _ value: Double
  ) {
    guard let category = CostCategory.allCases.firstIndex(of: item.category),
      let line = index[key(sites[item.site].isTreated, category, perspective)]
    else { return }
    lines[line].amount = lines[line].amount + item.amount
    if verdict.counts { lines[line].counted = lines[line].counted + item.amount }
    lines[line].presentValue += value
    if !lines[line].reasons.contains(verdict.reason) { lines[line].reasons.append(verdict.reason) }
    bySite[line][item.site] = (bySite[line][item.site] ?? .zero) + item.amount
    if seen[line].insert(item.site).inserted { lines[line].sites += 1 }
  }
}
