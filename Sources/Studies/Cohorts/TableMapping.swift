internal import Cohorts
internal import Statistics
internal import Tables

/// How a file becomes a table of the schema: columns renamed, values recoded, columns derived.
///
/// Columns that are not mapped keep their names, also those that the schema does not have.
struct TableMapping {
  let schema: SchemaTable
  let node: StudyNode
  /// Whether a message may quote a value of the data.
  let isPublic: Bool

  /// The table under the schema's names and values.
  ///
  /// Every mapping that does not fit the file is added to `problems`, located in the study file.
  func apply(to table: Table, _ problems: inout [SiblingError]) -> Table {
    var table = renamed(table, &problems)
    if let recode = node["recode"] { recodeAll(recode, &table, &problems) }
    for derivation in node["derive"]?.elements ?? [] {
      do throws(SiblingError) {
        table = try Derivation(parsing: derivation.text ?? "").apply(to: table)
      } catch {
        problems.append(error.located(derivation.location))
      }
    }
    return table
  }

  private func renamed(_ table: Table, _ problems: inout [SiblingError]) -> Table {
    guard let columns = node["columns"] else { return table }
    var names: [String: String] = [:]
    for key in columns.keys {
      guard let place = columns[key.name], let given = place.text else { continue }
      guard table[given] != nil else {
        problems.append(
          SiblingError(
            .unknownColumn,
            "'\(key.name)' of \(schema.name) is mapped to '\(given)', which the file does not have",
            help: "the file's columns are: " + table.names.prefix(30).joined(separator: ", ")
              + (table.names.count > 30 ? ", …" : ""),
            suggestion: nearestName(to: given, among: table.names), location: place.location,
            column: given))
        continue
      }
      if let other = names[given] {
        problems.append(
          SiblingError(
            .badValue, "the column '\(given)' is mapped to '\(other)' and to '\(key.name)'",
            help: "derive the second: 'derive: \(key.name) = \(other)'", location: place.location,
            column: given))
        continue
      }
      names[given] = key.name
    }
    do throws(SiblingError) {
      return try table.renaming(names)
    } catch {
      problems.append(error)
      return table
    }
  }

  private func recodeAll(
    _ recode: StudyNode, _ table: inout Table, _ problems: inout [SiblingError]
  ) {
    for key in recode.keys {
      guard let values = recode[key.name] else { continue }
      guard let column = table[key.name] else {
        problems.append(
          SiblingError(
            .unknownColumn, "there is no column '\(key.name)' of \(schema.name) to recode",
            help: "a column is recoded under its name in the schema, after 'columns'",
            suggestion: nearestName(to: key.name, among: table.names), location: key.location,
            column: key.name))
        continue
      }
      guard values.isMapping else {
        problems.append(
          SiblingError(
            .badValue, "'recode' of '\(key.name)' takes pairs: {value in the file: value}",
            location: values.location, column: key.name))
        continue
      }
      do throws(SiblingError) {
        table = try table.replacing(recoded(column, values, &problems))
      } catch {
        problems.append(error.located(values.location))
      }
    }
  }

  private func recoded(
    _ column: Column, _ values: StudyNode, _ problems: inout [SiblingError]
  ) -> Column {
    let factor = column.asFactor.droppingUnusedLevels()
    var meanings: [String: String] = [:]
    for pair in values.keys {
      guard let meaning = values[pair.name]?.text else {
        problems.append(
          SiblingError(
            .badValue, "a value of '\(column.name)' is recoded to nothing",
            help: "write '' for a missing value", location: pair.location, column: column.name))
        continue
      }
      guard factor.levels.contains(pair.name) else {
        // A near value of the data is only named where the data are public.
        problems.append(
          SiblingError(
            .unknownLevel,
            "'\(pair.name)' is recoded, and does not occur in '\(column.name)' of \(schema.name)",
            help: "values are matched exactly, capitals and blanks too",
            suggestion: isPublic ? nearestName(to: pair.name, among: factor.levels) : nil,
            location: pair.location, column: column.name))
        continue
      }
      meanings[pair.name] = meaning
    }
    return typed(column.name, Self.recoded(factor, meanings))
  }

  /// A factor with other levels, those of one meaning put together; an empty meaning is missing.
  static func recoded(_ factor: Factor, _ meanings: [String: String]) -> Factor {
    let named = factor.levels.map { meanings[$0] ?? $0 }
    let levels = Set(named).subtracting([""]).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    var index: [String: Int32] = [:]
    for (code, level) in levels.enumerated() { index[level] = Int32(truncatingIfNeeded: code) }
    let places = named.map { index[$0] ?? -1 }
    return Factor(codes: factor.codes.map { $0 < 0 ? -1 : places[Int($0)] }, levels: levels)
  }

  /// The column as numbers or dates where the schema wants them and every level is one.
  private func typed(_ name: String, _ factor: Factor) -> Column {
    switch schema.field(name)?.kind {
    case .integer, .number:
      let numbers = factor.levels.map { Double($0) }
      guard numbers.allSatisfy({ $0?.isFinite == true }) else { break }
      return Column(
        name: name,
        values: .doubles(factor.codes.map { $0 < 0 ? .nan : numbers[Int($0)] ?? .nan }))
    case .date:
      let days = factor.levels.map { CivilDate(iso: $0)?.days }
      guard days.allSatisfy({ $0 != nil }) else { break }
      return Column(
        name: name,
        values: .dates(factor.codes.map { $0 < 0 ? missingDay : days[Int($0)] ?? missingDay }))
    default: break
    }
    return Column(name: name, values: .text(factor))
  }
}
