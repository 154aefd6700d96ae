internal import Statistics
internal import Tables

// Who is treated, as the study file says.

extension StudyData {
  /// The code of the level that means treated: as declared, else the last of two.
  static func treatedCode(
    _ factor: Factor, _ node: StudyNode, _ table: Table
  ) throws(SiblingError) -> Int32 {
    let levels = factor.levels
    if let wanted = node["treated"]?.text {
      guard let code = levels.firstIndex(of: wanted) else {
        throw SiblingError(
          .unknownLevel, "'\(wanted)' is not a level of the treatment column",
          help: levels.count <= 3
            ? "its levels are: " + levels.joined(separator: ", ")
            : "it has \(levels.count) levels; look at the column in the data",
          location: node["treated"]?.location)
      }
      return Int32(code)
    }
    guard levels.count == 2 else {
      throw SiblingError(
        levels.count < 2 ? .constantTreatment : .badDesign,
        "the treatment column has \(levels.count) different value\(levels.count == 1 ? "" : "s")",
        help: "say which one is treated with 'treated:'", location: node.location)
    }
    return 1
  }
}

extension StudyFile {
  /// The arm of each row of a table: `treated` and `comparison`, or `everybody` without treatment.
  ///
  /// - Throws: what is wrong with the treatment's column, located.
  func arms(_ table: Table) throws(SiblingError) -> Factor {
    guard let node = node["treatment"], let column = node["column"]?.text else {
      return Factor(codes: [Int32](repeating: 0, count: table.rowCount), levels: ["everybody"])
    }
    let factor = try table.factor(column)
    let treated = try StudyData.treatedCode(factor, node, table)
    return Factor(
      codes: factor.codes.map { $0 < 0 ? -1 : $0 == treated ? 0 : 1 },
      levels: ["treated", "comparison"])
  }
}
