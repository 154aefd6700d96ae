internal import Cohorts
internal import Reporting
internal import Statistics

/// What the sections that follow people through the service call things.
struct FlowWords {
  /// Words for arms, stages and groups.
  var names: [String: String]

  init(_ study: StudyFile) {
    let node = study.node["treatment"]
    let isReversed = node?["treated"]?.text == SiteArm.nonSIB.rawValue
    // Charts and tables have room for short names only.
    func short(_ label: String?, else other: String) -> String {
      label.flatMap { $0.count <= 28 ? capitalised($0) : nil } ?? other
    }
    let label = node?[isReversed ? "comparison-label" : "label"]?.text
    let comparison = node?[isReversed ? "label" : "comparison-label"]?.text
    names = [
      "sib": short(label, else: "SIB-funded sites"),
      "non_sib": short(comparison, else: "Comparison sites"), "all": "Everybody",
      "difference": "Difference", "referred": "Referred", "accepted": "Accepted",
      "engaged": "Engaged", "sustained": "In sustained work", "(missing)": "Not recorded",
    ]
    for definition in OutcomeDefinition.library + ((try? Self.definitions(study)) ?? []) {
      names[definition.name] = definition.label
    }
    for key in study.node["labels"]?.keys ?? [] {
      if let text = study.node["labels"]?[key.name]?.text { names[key.name] = text }
    }
  }

  /// The word for a name.
  subscript(name: String) -> String { names[name] ?? name }

  /// The word inside a sentence.
  func inside(_ name: String) -> String {
    let word = self[name]
    // An abbreviation keeps its capitals.
    let isWord = word.dropFirst().first.map { $0.isLowercase } ?? false
    return isWord ? word.prefix(1).lowercased() + word.dropFirst() : word
  }

  /// What somebody did who reached a stage: `started a job`, `were in work for 13 weeks`.
  func verb(_ stage: String, _ auxiliary: String) -> String {
    let word = inside(stage)
    if word.hasPrefix("in work") { return "\(auxiliary) \(word)" }
    return word.hasPrefix("started") ? word : "reached “\(self[stage])”"
  }

  /// The study's own definitions, which go before the library's.
  ///
  /// - Throws: what is wrong with them, located.
  static func definitions(_ study: StudyFile) throws(SiblingError) -> [OutcomeDefinition] {
    try DefinitionNodes.definitions(study)
  }

  /// The options of a section, with the follow-up of the whole study.
  ///
  /// - Throws: what is wrong with the follow-up, located.
  static func options(
    _ study: StudyFile, _ key: String, _ keys: [OptionKey]
  ) throws(SiblingError) -> OptionValues {
    var options = OptionValues()
    if let node = study.node[key] { options = node.options(keys + [.flowFollowUp]) }
    if !options.isGiven(.flowFollowUp) {
      options.set(.flowFollowUp, to: "\(try DefinitionNodes.followUpWeeks(study))")
    }
    options.set(.level, to: "\(study.level)")
    options.set(.seed, to: "\(study.seed)")
    return options
  }

  /// Decodes a section's part of the study file, and asks for the tables that it reads.
  ///
  /// - Throws: what is wrong with its options, located; `missingKey` without tables.
  static func check(
    _ study: StudyFile, _ key: String, _ need: String,
    _ decode: () throws(SiblingError) -> Void
  ) throws(SiblingError) {
    guard let node = study.node[key] else { return }
    do throws(SiblingError) {
      try decode()
    } catch {
      throw error.location == nil ? error.located(node.location) : error
    }
    guard study.hasTables else {
      throw SiblingError(
        .missingKey, need, help: "name them under 'data: tables:'", location: node.location)
    }
  }

  /// Adds the tables that can be released.
  ///
  /// Where a table has numbers so small that no choice of cells is safe, only the blocks that have them
  /// are left out, with a note, so that they stop neither the report nor the rest of the table. Sums
  /// stay within a block: it is the rows that agree in the labels of `blocks`.
  static func add(
    _ made: [ResultTable], _ study: StudyFile, note: String, blocks: [String: [String]] = [:],
    to tables: inout StudyTables
  ) throws(SiblingError) {
    for table in made {
      if try isReleasable(table, study) {
        tables.cohort.append(table)
        continue
      }
      let labels = blocks[table.name] ?? []
      var (kept, left): ([Int], [String]) = ([], [])
      for rows in table.blocks(by: labels) where !labels.isEmpty {
        if try isReleasable(table.keepingRows(rows), study) {
          kept += rows
        } else {
          left.append(labels.map { table[rows[0], $0].plainText }.joined(separator: ", "))
        }
      }
      let part = table.keepingRows(kept.sorted())
      if !kept.isEmpty, try isReleasable(part, study) {
        tables.cohort.append(part)
        tables.cohortNotes[note, default: []].append(
          "part of the table '\(table.name)' is held back (\(left.joined(separator: "; "))): its"
            + " numbers are too small to release any safely")
      } else {
        tables.cohortNotes[note, default: []].append(
          "the table '\(table.name)' is held back: its numbers are too small to release any safely")
      }
    }
  }

  /// Whether disclosure control finds a safe choice of cells.
  private static func isReleasable(
    _ table: ResultTable, _ study: StudyFile
  ) throws(SiblingError) -> Bool {
    var disclosure = Disclosure(profile: study.disclosureProfile)
    do throws(SiblingError) {
      _ = try disclosure.release(table)
      return true
    } catch {
      guard error.code == .disclosure else { throw error }
      return false
    }
  }

  /// Notes as items of a list; their numbers are masked where small ones may not be told.
  static func items(_ notes: [String]?, _ context: ReportContext) -> [Prose] {
    (notes ?? []).map { note in
      Prose(plain: sentence(context.profile == "none" ? note : AnalysisOutput.masked(note)))
    }
  }

  /// Whether a p-value is hard to explain by chance, in words that claim no more.
  static func chance(_ p: Double) -> String {
    p < 0.05
      ? "larger than chance alone would make them"
      : "of a size that could be chance alone; this is inconclusive"
  }
}
