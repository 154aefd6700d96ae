internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// Analyses that a study calls by their verb: the third door to every estimator.
///
/// The same decoded value runs here and on the command line, so both give the same rows.
struct FurtherPhase {
  let study: StudyFile
  let table: Table
  /// The records of a study in the schema, for analyses on another of its tables.
  let cohort: Cohort?
  /// The matched design, for analyses on the matched sample.
  let phase: DesignPhase?
  /// The gate's verdict, for columns that tell it.
  let gate: String

  /// Decodes every call, without data.
  ///
  /// - Throws: `badValue` for a name that is no file name or occurs twice; what is wrong with the
  ///   options, located.
  static func check(_ study: StudyFile) throws(SiblingError) {
    var seen: [String] = []
    for node in study.node["analyses"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      let isPlain = name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
      }
      guard isPlain, !name.isEmpty else {
        throw SiblingError(
          .badValue, "the name of an analysis takes small letters, digits and underscores",
          help: "it becomes a file name: results/analysis_<name>.csv",
          location: node["name"]?.location)
      }
      guard !seen.contains(name) else {
        throw SiblingError(
          .badValue, "two analyses are called '\(name)'", location: node["name"]?.location)
      }
      seen.append(name)
      _ = try analysis(study, node, phase: nil)
      try checkDisclosure(study, node)
      try checkSample(node)
    }
  }

  /// Under a profile with thresholds nothing may be had by subtracting one reading from another.
  private static func checkDisclosure(
    _ study: StudyFile, _ node: StudyNode
  ) throws(SiblingError) {
    guard study.disclosureProfile.minimumCount != nil else { return }
    for key in [OptionKey.times, .subgroup, .filter] {
      guard let given = node[key.name] else { continue }
      throw SiblingError(
        .disclosure, "'\(key.name)' can't be given under the profile '\(study.disclosure)'",
        help:
          "few people could be had by subtracting one reading from another; leave it out, or ask"
          + " an output checker to release the verb's rows", location: given.location)
    }
  }

  /// A verb that makes a design of its own, or reads no data, has no use for the matched rows.
  private static func checkSample(_ node: StudyNode) throws(SiblingError) {
    if node["sample"]?.text == "matched", let table = node["table"] {
      throw SiblingError(
        .badValue, "the matched sample is of clients, and 'table' names another table",
        help: "leave one of them out", location: table.location)
    }
    guard node["sample"]?.text == "matched",
      let verb = Verb.inStudies.first(where: { $0.name == node["verb"]?.text }),
      verb.data != .required || verb.keys.contains(where: { $0.name == OptionKey.estimand.name })
    else { return }
    throw SiblingError(
      .badValue, "'\(verb.name)' can't be called on the matched sample",
      help: verb.data == .required
        ? "it makes its own design from its formula and options" : "it reads no data",
      location: node["sample"]?.location)
  }

  /// Runs every call and adds its rows as a table.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    for node in study.node["analyses"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      try study.cached("analysis \(name)", own: [node], gate: gate, &tables) {
        (tables: inout StudyTables) throws(SiblingError) in
        try call(node, name, &tables)
      }
    }
  }

  /// Runs one call and adds its rows as a table.
  private func call(
    _ node: StudyNode, _ name: String, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let isMatched = node["sample"]?.text == "matched"
    let data =
      isMatched
      ? try MatchedRows.table(table, phase, for: "the analysis '\(name)'")
      : try ownTable(node) ?? table
    let source = try DataSource(
      table: data, derivations: [], filter: node[OptionKey.filter.name]?.text)
    let analysis = try Self.analysis(study, node, phase: isMatched ? phase : nil)
    guard let verb = Verb.inStudies.first(where: { $0.name == node["verb"]?.text }) else {
      return
    }
    do throws(SiblingError) {
      var output = try analysis.run(source.table)
      for (index, column) in output.columns.enumerated() where column.name == "gate" {
        output.columns[index] = .texts("gate", (0..<column.count).map { _ in gate })
      }
      guard !output.hasRowsOfPeople || study.disclosure == "none" else {
        throw SiblingError(
          .disclosure, "the rows of the analysis '\(name)' tell of single people",
          help: "under '\(study.disclosure)' a report holds no such rows; leave the analysis out")
      }
      // Paths and weights tell of single units, so that no profile with thresholds lets them out.
      if study.disclosure == "none", let drawn = analysis as? any DrawnAnalysis {
        try drawn.fill(&tables, name: name, from: source.table)
      }
      if verb.name == "honest-did" { try TrendBounds.fill(&tables, name: name, output) }
      tables.further.append(
        try output.resultTable(
          name: "analysis_\(name)", summary: node["label"]?.text ?? "Rows of one analysis."))
      let kept = source.notes.filter { $0.hasPrefix("--where") }.map { $0.dropFirst(2) }
      var site: [String] = []
      if let column = study.siteColumn, verb.data == .required,
        node[OptionKey.cluster.name] == nil, !Self.withoutClusters.contains(verb.name)
      {
        site.append(
          "whole sites were assigned; unless 'cluster: \(column)' is given, standard errors take people as independent and are too small"
        )
      }
      let notes = (site + kept.map { "the filter \($0)" } + output.notes).map {
        study.disclosure == "none" ? $0 : AnalysisOutput.masked($0)
      }
      tables.furtherNotes[name] = notes
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }

  /// Another table of the cohort, with its sites' columns; nil where the analysis names none.
  private func ownTable(_ node: StudyNode) throws(SiblingError) -> Table? {
    guard let name = node["table"]?.text else { return nil }
    let records: Table? =
      switch name {
      case "clients": cohort?.clients.table
      case "sites": cohort?.sites?.table
      case "jobs": cohort?.jobs?.table
      default: cohort?.others[name]
      }
    guard let records else {
      throw SiblingError(
        .badValue, "the study has no table '\(name)'", help: "name its file under 'data: tables'",
        location: node["table"]?.location)
    }
    return name == "sites" || records["site_id"] == nil
      ? records : try records.joined(with: cohort?.sites)
  }

  /// Verbs whose errors are not by row, or that have none.
  private static let withoutClusters = [
    "bacon", "synth", "its", "triple-difference", "few-clusters",
  ]

  /// The analysis that a node calls, decoded.
  ///
  /// - Throws: what is wrong with its options, located.
  static func analysis(
    _ study: StudyFile, _ node: StudyNode, phase: DesignPhase?
  ) throws(SiblingError) -> any TableAnalysis {
    guard let verb = Verb.inStudies.first(where: { $0.name == node["verb"]?.text }) else {
      throw SiblingError(.badValue, "there is no such verb", location: node["verb"]?.location)
    }
    let options = MatchedRows.options(study.options(node, verb.keys + Verb.studyKeys), phase)
    do throws(SiblingError) {
      return try verb.analysis(formula: node["formula"]?.text, options: options)
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
  }
}
