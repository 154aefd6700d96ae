internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// Not filled yet.
enum FunnelSection: CohortSection {
  static let showsEffects = false

  static func check(_ study: StudyFile) throws(SiblingError) {}

  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError) {}

  static func compose(_ report: inout Report) throws(SiblingError) {}
}
