internal import Contracts
internal import Statistics

/// What a replay found, in lines for a terminal.
struct ReplayWords {
  private let tables: ContractTables
  private let replayed: ReplayedClaims

  init(_ tables: ContractTables, _ replayed: ReplayedClaims) {
    (self.tables, self.replayed) = (tables, replayed)
  }

  /// The lines: the sums, every kind of difference, remarks on claims, caps that were reached.
  var notes: [String] { [sums] + unchecked + differences + remarks + caps }

  private var unchecked: [String] {
    guard !tables.unchecked.isEmpty else { return [] }
    return [
      "\(Self.claims(tables.unchecked.count)) for jobs could not be checked and stand in no sum,"
        + " because no file of jobs is named (--jobs)"
    ]
  }

  private var sums: String {
    let total = replayed.total
    let unknown =
      total.paidUnknown == 0 ? "" : "; what was paid is not recorded for \(total.paidUnknown)"
    return
      "\(Self.claims(total.claims)): \(total.due.text) due by the rules, \(total.expected.text)"
      + " after caps, \(total.paid.text) paid; expected minus paid \(total.difference.text)"
      + unknown
  }

  private var differences: [String] {
    ClaimVerdict.allCases.filter { !$0.isInOrder }.compactMap { verdict in
      let own = replayed.verdicts.filter { $0.verdict == verdict }
      let count = own.reduce(0) { $0 + $1.claims }
      guard count > 0 else { return nil }
      let (expected, paid) = own.reduce(into: (Money.zero, Money.zero)) { sums, line in
        sums = (sums.0 + line.expected, sums.1 + line.paid)
      }
      return
        "\(Self.claims(count)), \(verdict.phrase): expected \(expected.text), paid \(paid.text)"
    }
  }

  /// Findings that leave a claim due, and that a reader must know of.
  private var remarks: [String] {
    ClaimFinding.allCases.filter { !$0.stopsPayment }.compactMap { finding in
      let count = replayed.claims.count { $0.findings.contains(finding) }
      return count == 0 ? nil : "\(Self.claims(count)): \(finding.phrase)"
    }
  }

  private var caps: [String] {
    replayed.caps.compactMap { cap in
      guard let first = cap.firstBound else { return nil }
      let day = tables.claims[first].event.map { " on \(CivilDate(days: $0).isoText)" } ?? ""
      return
        "\(cap.name) (\(cap.limit.text)) was first reached by the outcome\(day) and cut off"
        + " \(cap.cut.text)"
    }
  }

  static func claims(_ count: Int) -> String { count == 1 ? "1 claim" : "\(count) claims" }
}
