// How the contracts' tables are read and claims replayed.

extension Shape {
  static let contractsStudy = Shape.fields("contracts", [])
}
