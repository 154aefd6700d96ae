internal import Engines
internal import Glibc
internal import Reporting
internal import Statistics
internal import Tables

/// The engine that a study file names for its data: `data: {engine: duckdb, source: …}`.
///
/// With `by: rows` the columns that the study names are fetched, put in order, and everything after is as from
/// a file. With `by: sums` no row leaves the engine; see `SumsRun`.
struct StudyEngine {
  let study: StudyFile
  let kind: EngineKind
  /// The table or file as the study file writes it; nil where the data are tables of the schema.
  let source: String?
  /// Whether no row leaves the engine.
  let isBySums: Bool
  private let timeout: Double?

  /// The engine of a study; nil where its data are files.
  ///
  /// - Throws: `badValue` or `missingKey` for keys that make no sense together, located.
  init?(_ study: StudyFile) throws(SiblingError) {
    let data = study.node["data"]
    guard let node = data, let name = node["engine"]?.text else {
      for key in ["source", "by", "engine-timeout"] {
        guard let place = data?[key] else { continue }
        throw SiblingError(
          .badValue, "'\(key)' is for data on an engine, and 'data' names none",
          help: "add 'engine: duckdb', postgresql, spark or memory", location: place.location)
      }
      return nil
    }
    self.study = study
    kind = EngineKind(rawValue: name) ?? .memory
    source = node["source"]?.text
    isBySums = node["by"]?.text == "sums"
    timeout = node["engine-timeout"]?.text.flatMap { Double($0) }
    if let timeout, timeout <= 0 {
      throw SiblingError(
        .badValue, "'engine-timeout' takes seconds above zero",
        location: node["engine-timeout"]?.location)
    }
    try check(node)
  }

  private func check(_ node: StudyNode) throws(SiblingError) {
    func refuse(_ key: String, _ message: String, _ help: String) throws(SiblingError) {
      guard let place = node[key] else { return }
      throw SiblingError(.badValue, message, help: help, location: place.location)
    }
    try refuse(
      "file", "'data' names both an engine and a file",
      "name the table or file of the engine with 'source'")
    if node["tables"] == nil, source == nil {
      throw SiblingError(
        .missingKey, "'data' names an engine but no table or file there",
        help: "add 'source: NAME', or 'tables: {clients: {source: NAME}}'", location: node.location)
    }
    if node["tables"] != nil {
      try refuse("source", "'data' names both a source and tables", "keep one of them")
    }
    if kind != .memory {
      for key in OptionKey.fileReading {
        try refuse(
          key.name,
          "'\(key.name)' is about reading a file, and \(kind.title) says what its columns are",
          "change them in a view there, or with 'derive'")
      }
    }
    guard isBySums else { return }
    let help = "make them in a view there, or say 'by: rows'"
    try refuse("tables", "tables of the schema can't be worked by sums", help)
    try refuse("joins", "data by sums are one source and can't be joined here", help)
    try refuse("weekly", "outcomes from weekly histories can't be made by sums", help)
    try refuse("definitions", "outcomes can't be defined by sums", help)
  }

  /// The name of a source as messages and the manifest give it.
  func inputName(_ source: String) -> String {
    kind == .memory ? source : "\(kind.rawValue):\(source)"
  }

  /// What the engine calls a source: files are found beside the study file.
  private func engineName(_ source: String) -> String {
    let path = source.hasPrefix("/") ? source : study.folder + "/" + source
    if kind == .memory || access(path, R_OK) == 0 { return study.resolve(source) }
    return source
  }

  /// The options of reading a file into memory, from a node that gives them.
  private func reading(_ node: StudyNode?) -> OptionValues {
    node?.options(OptionKey.fileReading) ?? OptionValues()
  }

  /// The study's source with a connection, for sums.
  ///
  /// The caller closes the engine.
  /// - Throws: what is wrong with the file or a derivation; the engine's failures, located.
  func sums() throws(SiblingError) -> (data: EngineData, input: Manifest.Input) {
    let source = source ?? ""
    return try locating(source) { () throws(SiblingError) in
      let name = engineName(source)
      let engine: any AggregateEngine
      if kind == .memory {
        let file = try DataSource(path: name, options: reading(study.node["data"]))
        engine = MemoryEngine([name: file.table])
      } else {
        engine = try EngineRegistry.engine(kind, timeout: timeout, study.tell)
      }
      let plain = try EngineData(RowlessEngine(RememberingEngine(engine)), .named(name))
      let input =
        kind == .memory
        ? try StudyData.input(source, path: name) : try description(of: plain, source)
      var data = plain
      for text in study.node["data"]?.options([.derive]).repeated(.derive) ?? [] {
        try data.derive(text)
      }
      data.minimumCell = EngineDisclosure.minimumCell(study.disclosureProfile)
      data.progress = study.tell
      return (data, input)
    }
  }

  /// Rows of a source, in order, with the hash of what was read.
  ///
  /// - Parameters:
  ///   - source: the table or file as the study file writes it.
  ///   - order: columns that put rows in order before all others.
  ///   - node: where options on reading a file stand.
  ///   - isWhole: whether every column is wanted, and not only those that the study file names.
  /// - Returns: the rows, what stands in the manifest, and what the reader must know.
  /// - Throws: `disclosure` under a profile that keeps rows in the engine; the engine's failures, located.
  func rows(
    of source: String, order: [String], reading node: StudyNode?, isWhole: Bool
  ) throws(SiblingError) -> (table: Table, input: Manifest.Input, notes: [String]) {
    try locating(source) { () throws(SiblingError) in
      do throws(SiblingError) {
        try EngineDisclosure.requireRows(
          under: study.disclosureProfile, because: "the study works by rows")
      } catch {
        var error = error
        error.help = "say 'by: sums' under 'data'"
        throw error.located(study.node["data"]?["engine"]?.location)
      }
      let name = engineName(source)
      if kind == .memory {
        let file = try DataSource(path: name, options: reading(node))
        return (
          file.table.ordered(by: order), try StudyData.input(source, path: name), file.notes
        )
      }
      let engine = try EngineRegistry.engine(kind, timeout: timeout, study.tell)
      defer { engine.close() }
      let fetch = try EngineFetch(engine, .named(name), progress: study.tell)
      let columns = isWhole ? fetch.names : fetch.columns(namedIn: texts)
      let found = try fetch.table(columns, order: order, because: "the study works by rows")
      let print = TableFingerprint(found.table)
      return (
        found.table,
        Manifest.Input(path: inputName(source), sha256: print.hash, bytes: print.bytes),
        found.notes
      )
    }
  }

  /// Whatever may name a column: the study file, and what stands for options not given in it.
  var texts: [String] {
    var texts = [String(decoding: study.bytes, as: UTF8.self)]
    for node in study.node["analyses"]?.elements ?? [] {
      let verb = Verb.inStudies.first { $0.name == node["verb"]?.text }
      texts += verb?.keys.compactMap(\.defaultText) ?? []
    }
    return texts
  }

  /// The input of a manifest as it is now; nil where it is none of the engine's.
  ///
  /// - Throws: what is wrong with it now.
  func input(named path: String) throws(SiblingError) -> Manifest.Input? {
    guard kind != .memory, path.hasPrefix("\(kind.rawValue):") else { return nil }
    let source = String(path.dropFirst(kind.rawValue.count + 1))
    if isBySums {
      let (data, input) = try sums()
      data.engine.close()
      return input
    }
    let id = study.node["data"]?["id"]?.text
    return try rows(
      of: source, order: id.map { [$0] } ?? [], reading: nil,
      isWhole: study.node["data"]?["tables"] != nil
    ).input
  }

  /// What the manifest says of the engine; never its connection.
  var manifestMember: JSONValue.Member {
    .init(
      "engine",
      [
        "kind": .string(kind.rawValue), "source": source.map { .string($0) } ?? .null,
        "by": .string(isBySums ? "sums" : "rows"),
      ])
  }

  /// Whether another run gives the same last digits: engines that add in parallel do not.
  var isExact: Bool { kind == .memory || !isBySums }

  /// Runs what asks the engine, and gives errors without a place the source's.
  func locating<Result>(
    _ source: String, _ body: () throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    do throws(SiblingError) {
      return try body()
    } catch {
      throw error.located(
        error.location
          ?? .init(file: kind == .memory ? study.resolve(source) : inputName(source)))
    }
  }
}
