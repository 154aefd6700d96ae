internal import Statistics

/// The sums of categories while they are being added up.
struct CostLines {
  private(set) var lines: [CostAccounts.Line] = []
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
        }
      }
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
    if seen[line].insert(item.site).inserted { lines[line].sites += 1 }
  }
}
