internal import Cohorts
internal import Glibc
internal import Reporting
internal import Statistics
internal import Tables

/// The files that `data: tables:` names, read and mapped, with everything that is wrong with them.
struct SchemaTables {
  /// The tables by their names in the schema.
  private(set) var tables: [String: Table] = [:]
  /// The files' hashes and sizes, by the names that the study file gives.
  private(set) var inputs: [Manifest.Input] = []
  /// What the reader has to say, such as an encoding that it had to assume.
  private(set) var notes: [String] = []
  /// Files that can't be read and mappings that do not fit them.
  private(set) var problems: [SiblingError] = []
  /// What breaks a rule of the schema; nil while there are problems.
  private(set) var validation: CohortValidation?

  /// Reads and maps every table, and checks them when nothing is wrong with that.
  ///
  /// Hashes of the files are for a manifest; where none is written they are left out.
  init(_ study: StudyFile, hashing: Bool = true) {
    let data = study.node["data"]
    let node = data?["tables"]
    for option in ["types", "date-format"] {
      guard let place = data?[option] else { continue }
      problems.append(
        SiblingError(
          .badValue, "'\(option)' stands under 'data', and the data are several tables",
          help: "put it under the table that it is about", location: place.location))
    }
    for key in node?.keys ?? [] {
      guard let schema = Schema.table(key.name), let table = node?[key.name] else { continue }
      do throws(SiblingError) {
        try read(schema, table, data, study, hashing)
      } catch {
        problems.append(error.location == nil ? error.located(table.location) : error)
      }
    }
    if node?["clients"] == nil {
      problems.append(
        SiblingError(
          .missingKey, "the tables have no clients", help: "add 'clients: {file: …}'",
          location: node?.location))
    }
    if problems.isEmpty { validation = CohortValidation(tables) }
  }

  private mutating func read(
    _ schema: SchemaTable, _ node: StudyNode, _ data: StudyNode?, _ study: StudyFile,
    _ hashing: Bool
  ) throws(SiblingError) {
    if let engine = try StudyEngine(study) {
      try read(schema, node, study, engine)
      return
    }
    guard let name = node["file"]?.text else {
      throw SiblingError(
        .missingKey, "'\(schema.name)' lacks the key 'file'",
        help: "add 'file: NAME', or with 'engine' under 'data' 'source: NAME'",
        location: node.location)
    }
    let path = study.resolve(name)
    var options = node.options(Shape.tableReading)
    // Words for missing values and separators may hold for all tables.
    let shared = data?.options([.missingWords, .separator]) ?? OptionValues()
    for key in [OptionKey.missingWords, .separator] where !options.isGiven(key) {
      if shared.isGiven(key) {
        options.set(key, OptionValues.Entry(shared.texts(key), location: nil))
      }
    }
    let table = try DataSource(path: path, options: options).table
    inputs.append(
      hashing
        ? try StudyData.input(name, path: path)
        : Manifest.Input(path: name, sha256: "", bytes: Self.size(path)))
    notes += table.notes
    let mapping = TableMapping(schema: schema, node: node, isPublic: study.isPublic)
    tables[schema.name] = mapping.apply(to: table, &problems)
    if let mapped = tables[schema.name] { tellNearMisses(mapped, schema) }
  }

  /// Reads a table from the engine that the study names.
  private mutating func read(
    _ schema: SchemaTable, _ node: StudyNode, _ study: StudyFile, _ engine: StudyEngine
  ) throws(SiblingError) {
    guard let source = node["source"]?.text, node["file"] == nil else {
      throw SiblingError(
        .missingKey, "the data are on an engine, and '\(schema.name)' names no source there",
        help: "write 'source: NAME' and no file", location: node.location)
    }
    let found = try engine.rows(of: source, order: [], reading: node, isWhole: true)
    inputs.append(found.input)
    notes += found.notes
    let mapping = TableMapping(schema: schema, node: node, isPublic: study.isPublic)
    tables[schema.name] = mapping.apply(to: found.table, &problems)
    if let mapped = tables[schema.name] { tellNearMisses(mapped, schema) }
  }

  /// Notes columns whose names are nearly those of fields that the table does not have: a misspelt
  /// column would otherwise be missing throughout, and nobody told.
  private mutating func tellNearMisses(_ table: Table, _ schema: SchemaTable) {
    let absent = schema.fields.map(\.name).filter { table[$0] == nil }
    let known = Set(schema.fields.map(\.name))
    for name in table.names where !known.contains(name) && !name.hasSuffix("_reason") {
      guard let meant = nearestName(to: name, among: absent) else { continue }
      notes.append(
        "\(schema.name): the column '\(name)' is none of the schema's and is kept as it is; did you"
          + " mean '\(meant)'?")
    }
  }

  /// The number of bytes of a file that has been read.
  private static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Everything that stops a run, each kind at its first place with the number of places.
  var errors: [SiblingError] {
    problems + (validation?.errors(.error, limit: 1) ?? [])
  }
}
