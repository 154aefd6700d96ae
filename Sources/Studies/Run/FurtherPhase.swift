internal import Reporting
internal import Statistics
internal import Tables

/// Analyses that a study calls by their verb: the third door to every estimator.
///
/// The same decoded value runs here and on the command line, so both give the same rows.
struct FurtherPhase {
  let study: StudyFile
  let table: Table
  /// The matched design, for analyses on the matched sample.
  let phase: DesignPhase?

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
    }
  }

  /// Runs every call and adds its rows as a table.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ tables: inout StudyTables) throws(SiblingError) {
    for node in study.node["analyses"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      let isMatched = node["sample"]?.text == "matched"
      let data =
        isMatched ? try MatchedRows.table(table, phase, for: "the analysis '\(name)'") : table
      let source = try DataSource(
        table: data, derivations: [], filter: node[OptionKey.filter.name]?.text)
      let analysis = try Self.analysis(study, node, phase: isMatched ? phase : nil)
      do throws(SiblingError) {
        let output = try analysis.run(source.table)
        guard !output.hasRowsOfPeople || study.disclosure == "none" else {
          throw SiblingError(
            .disclosure, "the rows of the analysis '\(name)' tell of single people",
            help: "under '\(study.disclosure)' a report holds no such rows; read them at few times")
        }
        tables.further.append(
          try output.resultTable(
            name: "analysis_\(name)", summary: node["label"]?.text ?? "Rows of one analysis."))
        let kept = source.notes.filter { $0.hasPrefix("--where") }.map { $0.dropFirst(2) }
        let notes = (kept.map { "the filter \($0)" } + output.notes).map {
          study.disclosure == "none" ? $0 : AnalysisOutput.masked($0)
        }
        tables.furtherNotes[name] = notes
      } catch {
        throw error.location == nil ? error.located(node.location) : error
      }
    }
  }

  private static func analysis(
    _ study: StudyFile, _ node: StudyNode, phase: DesignPhase?
  ) throws(SiblingError) -> any VerbAnalysis {
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
