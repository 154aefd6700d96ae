internal import Reporting
internal import Statistics

/// Outcomes expected and reached by quarter, against original and revised targets, and sites beside each other.
enum PlansSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
