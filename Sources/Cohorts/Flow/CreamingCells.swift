internal import LinearAlgebra
internal import Statistics
internal import Tables

/// The rows of the monitor in the shapes that its tests need.
struct CreamingCells {
  let input: CreamingMonitor.Input
  let index: [Double]
  let level: Double
  /// Accepted people of a known arm, site and day.
  let accepted: [Int]
  /// People whom the service decided on, of a known arm and site.
  let decided: [Int]

  init(_ input: CreamingMonitor.Input, _ index: [Double], level: Double) {
    self.input = input
    self.index = index
    self.level = level
    let placed = index.indices.filter { input.arm[$0] >= 0 && input.sites.codes[$0] >= 0 }
    accepted = placed.filter { input.accepted[$0] == 1 && input.day[$0] != missingDay }
    decided = placed.filter { input.accepted[$0] >= 0 }
  }

  static let arms = SiteArm.allCases.map(\.rawValue)

  /// Sites with accepted people, by arm.
  var sitesByArm: [Int] {
    Self.arms.indices.map { arm in sites(accepted.filter { Int(input.arm[$0]) == arm }) }
  }

  func sites(_ rows: [Int]) -> Int { Set(rows.map { input.sites.codes[$0] }).count }

  /// Quarters since 1970.
  private static func quarter(_ day: Int32) -> Int {
    let parts = CivilDate(days: day).components
    return (parts.year - 1970) * 4 + (parts.month - 1) / 3
  }

  private static func text(_ quarter: Int) -> String {
    let year = quarter >= 0 ? quarter / 4 : (quarter - 3) / 4
    return "\(1970 + year) Q\(quarter - 4 * year + 1)"
  }

  func periods() -> [CreamingResult.Period] {
    let quarters = accepted.map { Self.quarter(input.day[$0]) }
    guard let first = quarters.min(), let last = quarters.max() else { return [] }
    // Rows of each arm and quarter, gathered in one pass.
    let span = last - first + 1
    var cells = [[Int]](repeating: [], count: span * Self.arms.count)
    for (row, quarter) in zip(accepted, quarters) {
      cells[Int(input.arm[row]) * span + quarter - first].append(row)
    }
    var result: [CreamingResult.Period] = []
    for (arm, name) in Self.arms.enumerated() {
      for quarter in first...last {
        let rows = cells[arm * span + quarter - first]
        guard !rows.isEmpty else { continue }
        result.append(
          CreamingResult.Period(
            arm: name, quarter: Self.text(quarter), people: rows.count, sites: sites(rows),
            estimate: mean(rows)))
      }
    }
    return result
  }

  /// The mean index of some rows, with sites as clusters.
  private func mean(_ rows: [Int]) -> Estimate {
    let values = rows.map { index[$0] }
    let plain = Estimate(
      term: "mean.index", estimate: values.reduce(0, +) / Double(values.count), standardError: nil,
      convention: "no interval from one site")
    guard sites(rows) > 1 else { return plain }
    let ones = [Double](repeating: 1, count: rows.count)
    let fit = try? regression([("(Intercept)", ones)], values, rows)
    guard var own = fit?["(Intercept)"] else { return plain }
    own.term = "mean.index"
    own.interval = own.interval.map {
      ConfidenceInterval(low: max(0, $0.low), high: min(1, $0.high), level: $0.level)
    }
    return own
  }

  /// Least squares with CR2 by sites.
  private func regression(
    _ columns: [(String, [Double])], _ response: [Double], _ rows: [Int]
  ) throws(SiblingError) -> EstimateTable {
    let design = DesignMatrix(
      matrix: Matrix(columns: columns.map(\.1)), names: columns.map(\.0))
    let sites = input.sites.selecting(rows).droppingUnusedLevels()
    return try LeastSquares().fit(design, response: response)
      .estimates(covariance: .cluster(.cr2, [sites]), level: level)
  }

  func quintiles() -> [CreamingResult.Fifth] {
    let sorted = decided.map { index[$0] }.sorted()
    guard !sorted.isEmpty, decided.contains(where: { input.accepted[$0] == 0 }) else { return [] }
    // The smallest value that at least the share lies at or below (type 1 quantiles).
    let bounds = (1...4).map { part in
      sorted[max(0, (part * sorted.count + 4) / 5 - 1)]
    }
    var (n, yes) = ([Int](repeating: 0, count: 10), [Int](repeating: 0, count: 10))
    var sums = [Double](repeating: 0, count: 10)
    for row in decided {
      let fifth = bounds.count { index[row] > $0 }
      let cell = Int(input.arm[row]) * 5 + fifth
      n[cell] += 1
      yes[cell] += Int(input.accepted[row])
      sums[cell] += index[row]
    }
    var result: [CreamingResult.Fifth] = []
    for (arm, name) in Self.arms.enumerated() {
      for fifth in 0..<5 where n[arm * 5 + fifth] > 0 {
        let cell = arm * 5 + fifth
        result.append(
          CreamingResult.Fifth(
            arm: name, fifth: fifth + 1, meanIndex: sums[cell] / Double(n[cell]),
            accepted: ShareEstimate(yes: yes[cell], known: n[cell], level: level)))
      }
    }
    return result
  }
}

extension CreamingCells {
  /// The slope of a response on a regressor in each arm, and their difference.
  private func slopes(
    _ response: [Double], _ regressor: [Double], _ rows: [Int], term: String,
    _ result: inout CreamingResult
  ) {
    for (arm, name) in Self.arms.enumerated() {
      let own = rows.indices.filter { Int(input.arm[rows[$0]]) == arm }
      append(term, arm: name, own.map { rows[$0] }, term, &result) { () throws(SiblingError) in
        try regression(
          [
            ("(Intercept)", own.map { _ in 1 }), (term, own.map { regressor[$0] }),
          ], own.map { response[$0] }, own.map { rows[$0] })
      }
    }
    append("\(term).difference", arm: "difference", rows, "product", &result, isSignal: true) {
      () throws(SiblingError) in
      let arm = rows.map { Double(input.arm[$0]) }
      return try regression(
        [
          ("(Intercept)", rows.map { _ in 1 }), ("arm", arm), ("slope", regressor),
          ("product", zip(arm, regressor).map { $0 * $1 }),
        ], response, rows)
    }
  }

  /// Adds a term, or why there is none.
  private func append(
    _ term: String, arm: String, _ rows: [Int], _ coefficient: String,
    _ result: inout CreamingResult, isSignal: Bool = false,
    _ fit: () throws(SiblingError) -> EstimateTable
  ) {
    var made = CreamingResult.Term(
      estimate: Estimate(
        term: term, estimate: .nan, standardError: nil, convention: "CR2 by site, Satterthwaite df"),
      arm: arm, people: rows.count, sites: sites(rows), isSignal: isSignal)
    do throws(SiblingError) {
      let table = try fit()
      if let found = table[coefficient] {
        made.estimate = found
        made.estimate.term = term
        // One cluster on a side is fitted without a residual: the error is rounding, not certainty.
        if (found.standardError ?? 0) <= 1e-10 * found.estimate.magnitude {
          made.estimate = Estimate(
            term: term, estimate: found.estimate, standardError: nil,
            convention: found.convention)
          made.note = "no standard error with so few sites"
        }
      } else {
        made.note = "can't be estimated from these rows"
      }
    } catch {
      made.note = error.message
    }
    result.terms.append(made)
  }

  func trend(_ result: inout CreamingResult) {
    let days = accepted.map { Double(input.day[$0]) }
    let middle = days.isEmpty ? 0 : days.reduce(0, +) / Double(days.count)
    let years = days.map { ($0 - middle) / 365.25 }
    let values = accepted.map { index[$0] }
    let arm = accepted.map { Double(input.arm[$0]) }
    append("level.difference", arm: "difference", accepted, "arm", &result) {
      () throws(SiblingError) in
      try regression([("(Intercept)", arm.map { _ in 1 }), ("arm", arm)], values, accepted)
    }
    slopes(values, years, accepted, term: "trend", &result)
  }

  func acceptanceSlopes(_ result: inout CreamingResult) {
    guard decided.contains(where: { input.accepted[$0] == 0 }) else {
      result.notes.append(
        "nobody is recorded as declined by the service: acceptance can't be judged")
      return
    }
    // In tenths: the change of the acceptance rate when the index rises by 10 points.
    let tenths = decided.map { index[$0] * 10 }
    slopes(
      decided.map { Double(input.accepted[$0]) }, tenths, decided, term: "acceptance.slope",
      &result)
  }

  /// The change of the accepted people's mean index where a contract begins, alone and less the
  /// comparison sites' own change at the same days; sites are the observations.
  func switches(_ result: inout CreamingResult, window: Int32) {
    let dates = input.switches
    guard dates.contains(where: { !$0.isEmpty }) else { return }
    let bySite = Dictionary(grouping: accepted) { Int(input.sites.codes[$0]) }
    func change(_ rows: [Int], _ day: Int32) -> Double? {
      let before = rows.filter {
        input.day[$0] < day && Int(day) - Int(input.day[$0]) <= Int(window)
      }
      let after = rows.filter {
        input.day[$0] >= day && Int(input.day[$0]) - Int(day) < Int(window)
      }
      guard !before.isEmpty, !after.isEmpty else { return nil }
      func mean(_ rows: [Int]) -> Double {
        rows.reduce(0) { $0 + index[$1] } / Double(rows.count)
      }
      return mean(after) - mean(before)
    }
    let comparison = bySite.keys.sorted().filter { site in
      (dates.indices.contains(site) ? dates[site].isEmpty : true)
        && bySite[site]?.first.map { input.arm[$0] == 0 } ?? false
    }
    var (plain, days): ([Double], [Int32]) = ([], [])
    var people = 0
    for site in bySite.keys.sorted() where dates.indices.contains(site) {
      let rows = bySite[site] ?? []
      let used = dates[site].compactMap { day in change(rows, day).map { (day, $0) } }
      guard !used.isEmpty else { continue }
      people += rows.count
      days += used.map(\.0)
      plain.append(used.reduce(0) { $0 + $1.1 } / Double(used.count))
    }
    guard !plain.isEmpty else {
      result.notes.append(
        "no site has accepted clients within \(window) days before and after a contract's beginning"
      )
      return
    }
    result.terms.append(siteTerm("switch.change", plain, people))
    // Each comparison site's own change, averaged over the same days.
    var others: [Double] = []
    for site in comparison {
      let rows = bySite[site] ?? []
      let own = days.compactMap { change(rows, $0) }
      guard !own.isEmpty else { continue }
      people += rows.count
      others.append(own.reduce(0, +) / Double(own.count))
    }
    guard !others.isEmpty else { return }
    var term = siteTerm("switch.change.adjusted", plain, people, less: others)
    term.isSignal = true
    result.terms.append(term)
  }

  /// The mean of the sites' changes, or its difference from that of other sites.
  ///
  /// Each group has its own variance; the degrees of freedom are the smaller group's sites less one
  /// (Ibragimov & Müller 2016, doi:10.1162/REST_a_00545).
  private func siteTerm(
    _ name: String, _ values: [Double], _ people: Int, less others: [Double]? = nil
  ) -> CreamingResult.Term {
    func moments(_ values: [Double]) -> (mean: Double, square: Double?) {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, values.count > 1 ? squares / (count - 1) / count : nil)
    }
    let groups = [values] + (others.map { [$0] } ?? [])
    let parts = groups.map { moments($0) }
    let squares = parts.compactMap(\.square)
    let error = squares.count == parts.count ? squares.reduce(0, +).squareRoot() : nil
    let degrees = Double((groups.map(\.count).min() ?? 1) - 1)
    return CreamingResult.Term(
      estimate: Estimate(
        term: name, estimate: parts[0].mean - (parts.count > 1 ? parts[1].mean : 0),
        standardError: error, degreesOfFreedom: error.map { _ in degrees }, level: level,
        convention: "one change a site, t(\(Int(degrees)))"),
      arm: others == nil ? "sib" : "difference", people: people,
      sites: groups.reduce(0) { $0 + $1.count },
      note: error == nil ? "one site gives no standard error" : nil)
  }
}
