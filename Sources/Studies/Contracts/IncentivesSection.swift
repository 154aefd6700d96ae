internal import Reporting
internal import Statistics

/// What the rules of payment may have done to the records: bunching at thresholds, hours, claims.
enum IncentivesSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
