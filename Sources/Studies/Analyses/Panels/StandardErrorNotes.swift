internal import Statistics

/// What the reader must know of a table's standard errors: their convention, and how few clusters.
enum StandardErrorNotes {
  /// Fewer clusters than this are few.
  static let few = 40

  /// The notes of a table, of a panel or of rows that may well be independent.
  static func told(_ table: EstimateTable, isPanel: Bool = true) -> [String] {
    var notes: [String] = []
    var conventions: [String] = []
    for row in table.rows where row.standardError != nil && !row.convention.isEmpty {
      if !conventions.contains(row.convention) { conventions.append(row.convention) }
    }
    if !conventions.isEmpty, conventions.count <= 3 {
      notes.append("standard errors: " + conventions.joined(separator: "; "))
    }
    if isPanel, conventions.contains(where: { $0.hasPrefix("classical") }) {
      notes.append(
        "classical standard errors take rows as independent; rows of one unit or site seldom are"
          + " (--cluster)")
    }
    if let clusters = table.clusters, clusters < few, !conventions.isEmpty {
      notes.append(
        "only \(clusters) clusters: standard errors and p-values that count on many may be far too"
          + " small; see few-clusters"
          + (isPanel ? " and --randomisation" : ""))
    }
    return notes
  }
}
