internal import Reporting
internal import Statistics

/// Value for money: costs by perspective, cost-effectiveness with its uncertainty.
enum ValueSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
