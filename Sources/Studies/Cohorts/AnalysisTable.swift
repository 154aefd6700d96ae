internal import Cohorts
internal import Statistics
internal import Tables

/// The table that effects are estimated on: one row an accepted client, with site and outcomes.
struct AnalysisTable {
  /// The clients' columns, the sites' beside them, and the outcomes.
  var table: Table
  /// For each row its row among the cohort's clients.
  var clientRows: [Int]
  /// What the reader must know, in words.
  var findings: [String] = []

  /// Chooses each person's first accepted episode and joins sites and outcomes to it.
  ///
  /// - Throws: what is wrong with a definition or derivation, located.
  init(_ study: StudyFile, _ cohort: Cohort) throws(SiblingError) {
    clientRows = (0..<cohort.clients.count).filter { cohort.clients.isAccepted($0) }
    table = cohort.clients.table.selecting(rows: clientRows)
  }
}
