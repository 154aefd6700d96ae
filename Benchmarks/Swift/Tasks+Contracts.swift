internal import Contracts
internal import Statistics
internal import Tables

extension Tasks {
  /// Runs a task of contracts; false when there is none of that name.
  func contracts(_ task: String, _ table: Table) throws -> Bool {
    guard task == "replay" else { return false }
    let made = ContractClaims(
      age: try table.doubles("age"), imd: try table.doubles("imd"),
      motivation: try table.doubles("motivation"), weeks: try table.doubles("weeks"))
    let claims = made.claims()
    let terms = ContractClaims.terms()
    try timed(task) {
      try ClaimReplay().replay(claims, under: terms)
    } estimates: {
      ContractClaims.estimates($0)
    }
    return true
  }
}
