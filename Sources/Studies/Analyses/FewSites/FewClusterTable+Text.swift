internal import Statistics
internal import Tables

/// The table of `few-clusters` in the words and columns of the command-line contract.
extension FewClusterTable {
  /// A row a method; one that can't be had says why in place of its convention.
  var columns: [Column] {
    [
      .texts("method", rows.map(\.method)),
      .texts("convention", rows.map { Self.convention($0) }),
      .numbers("std.error", rows.map(\.standardError)),
      .numbers("df", rows.map(\.degreesOfFreedom)),
      .numbers("statistic", rows.map(\.statistic)),
      .numbers("p.value", rows.map(\.pValue)),
      .numbers("conf.low", rows.map { $0.interval?.low }),
      .numbers("conf.high", rows.map { $0.interval?.high }),
    ]
  }

  private static func convention(_ row: FewClusterRow) -> String {
    guard row.pValue == nil, let note = row.note else { return row.convention }
    return "not available: \(note)"
  }

  /// What the reader must know of the clusters and of the methods' agreement, in plain words.
  func notes(term: String) -> [String] {
    var notes: [String] = []
    let sites =
      treated.map { ", \($0.count) of them treated at some time" } ?? ""
    notes.append(
      "estimate \(Self.text(estimate)) (\(term)) from \(observations) rows in \(leverage.clusters.count)"
        + " clusters\(sites)")
    if let first = rows.first(where: { $0.method == "attainable-p" }), let p = first.pValue,
      p > 1 - level
    {
      notes.append(
        "no p-value below \(Self.text(p)) can come of \(first.convention), however large the effect:"
          + " such a test can't reject at \(Self.text(1 - level))")
    }
    notes += influenceNotes
    if let detectable {
      notes.append(
        "smallest effect found with 80% power at \(Self.text(1 - level)): \(Self.text(detectable))"
          + " (CR2 standard error and degrees of freedom)")
    }
    let (reject, keep) = verdicts
    if disagrees {
      notes.append(
        "methods disagree at \(Self.text(1 - level)): below it \(reject.joined(separator: ", "));"
          + " above it \(keep.joined(separator: ", "))")
    }
    if let simulation {
      notes.append("size: share of rejections at \(Self.text(1 - level)) in \(simulation)")
    }
    for row in rows where row.pValue != nil {
      if let note = row.note { notes.append("\(row.method): \(note)") }
    }
    let unbounded = rows.filter { row in
      row.interval.map { !$0.low.isFinite || !$0.high.isFinite } ?? false
    }.map(\.method)
    if !unbounded.isEmpty {
      notes.append(
        "no limit is printed where a confidence set has none, for even the largest effects are not"
          + " rejected: \(unbounded.joined(separator: ", "))")
    }
    return notes
  }

  /// Leverage and leave-one-out estimates.
  private var influenceNotes: [String] {
    var notes: [String] = []
    let (clusters, shares) = (leverage.clusters, leverage.partialLeverage)
    if let largest = shares.indices.max(by: { shares[$0] < shares[$1] }) {
      let alike = leverage.conservativeEffectiveClusters.map {
        " (\(Self.text($0)) if people of a cluster share all their error)"
      }
      notes.append(
        "the information is spread as over \(Self.text(leverage.effectiveClusters)) equal clusters"
          + "\(alike ?? ""); '\(clusters[largest])' holds the most,"
          + " \(Self.text(100 * shares[largest]))%")
    }
    let known = zip(clusters, leverage.leaveOneOut).compactMap { name, value in
      value.map { (name, $0) }
    }
    if let low = known.min(by: { $0.1 < $1.1 }), let high = known.max(by: { $0.1 < $1.1 }) {
      notes.append(
        "leaving one cluster out, the estimate lies between \(Self.text(low.1)) (without"
          + " '\(low.0)') and \(Self.text(high.1)) (without '\(high.0)')")
    }
    let alone = zip(clusters, leverage.leaveOneOut).filter { $0.1 == nil }.map { "'\($0.0)'" }
    if !alone.isEmpty {
      notes.append("there is no estimate without \(alone.joined(separator: ", "))")
    }
    return notes
  }

  private static func text(_ value: Double) -> String { NumberText.significant(value, digits: 4) }
}
