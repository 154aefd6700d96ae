internal import Reporting
internal import Statistics

/// Every claim replayed under its contract, and what was expected, claimed and paid beside each other.
enum PaymentsSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
