internal import Engines
internal import Reporting
internal import Statistics
internal import Tables

extension StudyEngine {
  /// What tells whether a source changed, where its rows may not be read: its columns with their types, how many rows
  /// and missing values there are, of numbers their sums, and of text that the study names how many have each level.
  func description(
    of data: EngineData, _ source: String
  ) throws(SiblingError) -> Manifest.Input {
    let columns = data.schema.filter { $0.type != .other }
    let numbers = columns.filter { $0.type != .text }
    let cells = try data.engine.aggregate(
      AggregateQuery(
        data.source,
        sums: columns.enumerated().map { index, column in
          NamedExpression("absent\(index)", .isAbsent(column.name))
        }
          + numbers.enumerated().map { index, column in
            NamedExpression("sum\(index)", .column(column.name))
          }))
    var text = "\(cells.rowCount) rows\n"
    for (index, column) in columns.enumerated() {
      text += "\(column.name)\t\(column.type.rawValue)\t\(Int(cells.sums[index][0].rounded()))\n"
    }
    for (column, sum) in zip(numbers, cells.sums[columns.count...]) {
      // Engines that add in parallel differ in the last digits.
      text += "\(column.name)\t\(NumberText.significant(sum[0], digits: 9))\n"
    }
    // Of text how many people have each level, where cells may leave the engine; the identifiers are people.
    let named = EngineWords(texts).columns(among: columns.map(\.name))
    let id = study.node["data"]?["id"]?.text
    if EngineDisclosure.minimumCell(study.disclosureProfile) == nil {
      for column in columns where column.type == .text && column.name != id {
        guard named.contains(column.name) else { continue }
        let levels = try data.engine.aggregate(
          AggregateQuery(
            data.source, keys: [GroupKey("level", .text(column: column.name))]))
        for (level, count) in zip(levels.text(0), levels.counts) {
          text += "\(column.name)\t\(level ?? "")\t\(count)\n"
        }
      }
    }
    let bytes = Array(text.utf8)
    return Manifest.Input(
      path: inputName(source), sha256: SHA256.hexadecimal(bytes), bytes: bytes.count)
  }
}
