internal import Engines
internal import Reporting
internal import Statistics
internal import Tables

/// A verb's analysis that can work from sums.
protocol EngineAnalysis {
  /// Which of its settings needs every row in memory, in words that can follow "because"; nil where sums do.
  var needsRows: String? { get }

  /// The rows of the verb, from sums that an engine gives.
  ///
  /// - Throws: what is wrong with the data or the model; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput
}

/// The error for what can't be had from sums.
enum NeedsRows {
  /// The error for what can't be had from sums, with the reason as words that can follow "because".
  static func because(_ reason: String) -> SiblingError {
    SiblingError(
      .needsRows, "this can't be had from an engine's sums, because \(reason)",
      help: "leave out --engine and give a file, or choose another setting")
  }

  /// The error where `what` needs every row in memory.
  static func error(_ what: String) -> SiblingError { because("\(what) needs every row") }
}

/// One call of a verb on an engine.
struct EngineDoor {
  let request: AnalysisRequest
  let kind: EngineKind

  /// The door of a request; nil when it names no engine.
  ///
  /// - Throws: `invalidOption` for an unknown engine, or for an option that means nothing with it.
  init?(_ request: AnalysisRequest) throws(SiblingError) {
    let options = request.options
    _ = try options.number(.engineTimeout, in: Double.leastNormalMagnitude...1e9)
    guard options.isGiven(.engine) else {
      for key in [OptionKey.engineSource, .engineTimeout] where options.isGiven(key) {
        throw options.wrong(key, "is for --engine")
      }
      return nil
    }
    self.request = request
    kind = EngineKind(rawValue: try options.choice(.engine)) ?? .memory
    if request.verb.data == .none {
      throw options.wrong(.engine, "means nothing to '\(request.verb.name)', which reads no data")
    }
    guard kind != .memory else { return }
    if options.isGiven(.join) {
      throw options.wrong(
        .join, "can't be used with --engine \(kind.rawValue): join there, in a view, and name it")
    }
    for key in OptionKey.fileReading where options.isGiven(key) {
      throw options.wrong(
        key,
        "is about reading a file, and \(kind.title) says itself what its columns are: change them in"
          + " a view, or with --derive")
    }
  }

  /// Runs an analysis on the engine: from sums where it can, else on the columns that it uses, fetched.
  ///
  /// - Throws: what is wrong with the options, the data or the engine, located.
  func run(
    _ analysis: any TableAnalysis, _ progress: @escaping (String) -> Void = { _ in }
  ) throws(SiblingError) -> AnalysisOutput {
    let name = try name()
    let place = SiblingError.Location(file: kind == .memory ? name : "\(kind.rawValue):\(name)")
    do throws(SiblingError) {
      let profile = try EngineDisclosure.profile(request.options)
      let reason: String
      var answer = AnalysisOutput(columns: [])
      if let analysis = analysis as? any EngineAnalysis {
        guard let why = try reasonForRows(analysis, name, profile, progress, &answer) else {
          return answer
        }
        reason = why
      } else {
        reason = "'\(request.verb.name)' needs them"
      }
      try EngineDisclosure.requireRows(under: profile, because: reason)
      if kind == .memory { return try file(name, analysis, reason) }
      let engine = try engine(name, progress)
      defer { engine.close() }
      return try rows(analysis, EngineFetch(engine, .named(name), progress: progress), reason)
    } catch {
      throw error.located(error.location ?? place)
    }
  }

  /// Answers from sums; where that can't be done, the reason in words that can follow "because".
  private func reasonForRows(
    _ analysis: any EngineAnalysis, _ name: String, _ profile: DisclosureProfile?,
    _ progress: @escaping (String) -> Void, _ answer: inout AnalysisOutput
  ) throws(SiblingError) -> String? {
    if let reason = analysis.needsRows { return reason }
    do throws(SiblingError) {
      answer = try sums(analysis, name, profile, progress)
      return nil
    } catch {
      switch error.code {
      // Some reasons are known only once the data have been seen.
      case .needsRows: return "that is what these data and settings need"
      // What no engine computes from a row, such as splines, memory does.
      case .unsupportedFormat where error.message.hasSuffix(EngineDoor.notFromARow):
        return error.message
      default: throw error
      }
    }
  }

  /// How the errors end that tell what an engine can't compute from a row.
  private static let notFromARow = "can't be computed by an engine"

  /// The table or file that is analysed.
  private func name() throws(SiblingError) -> String {
    let source = request.options.text(.engineSource) ?? request.path
    guard !source.isEmpty else {
      throw SiblingError(.usage, "--engine needs a table or file: --source NAME")
    }
    guard request.path.isEmpty || request.path == source else {
      throw request.options.wrong(
        .engineSource, "can't be combined with DATA, '\(request.path)': give one of them")
    }
    return source
  }

  /// The rows of the verb from sums.
  private func sums(
    _ analysis: any EngineAnalysis, _ name: String, _ profile: DisclosureProfile?,
    _ progress: @escaping (String) -> Void
  ) throws(SiblingError) -> AnalysisOutput {
    let engine = try engine(name, progress)
    defer { engine.close() }
    let minimum = EngineDisclosure.minimumCell(profile)
    var data = try EngineData(
      minimum == nil ? engine : RowlessEngine(engine), .named(name),
      derivations: request.options.repeated(.derive),
      filter: request.options.text(.filter))
    data.minimumCell = minimum
    data.progress = progress
    var output = try analysis.run(on: data)
    output.notes = try filterNotes(data) + output.notes
    return output
  }

  /// How many rows the filter keeps.
  private func filterNotes(_ data: EngineData) throws(SiblingError) -> [String] {
    guard let keep = data.keep else { return [] }
    let (yes, no) = (RowExpression.constant(1), RowExpression.constant(0))
    let kept = RowExpression.chosen(
      .isMissing(keep), then: no, otherwise: .chosen(keep, then: yes, otherwise: no))
    let cells = try data.engine.aggregate(
      AggregateQuery(
        data.source, sums: [NamedExpression("kept", kept)], minimumCell: data.minimumCell))
    let (all, count) = (cells.rowCount, Int((cells.sums[0].first ?? 0).rounded()))
    return ["--where keeps \(count) of \(all) rows (\(all - count) left out)"]
  }

  /// The rows of the verb from a file in memory, as without an engine.
  private func file(
    _ name: String, _ analysis: any TableAnalysis, _ reason: String
  ) throws(SiblingError) -> AnalysisOutput {
    let source = try DataSource(path: name, options: request.options)
    var output = try analysis.run(source.table)
    output.notes =
      source.notes + ["the rows themselves were read, and not sums, because \(reason)"]
      + output.notes
    return output
  }

  /// The rows of the verb from columns that are fetched.
  private func rows(
    _ analysis: any TableAnalysis, _ fetch: EngineFetch, _ reason: String
  ) throws(SiblingError) -> AnalysisOutput {
    let options = request.options
    var fetch = fetch
    fetch.derivations = options.repeated(.derive)
    fetch.filter = options.text(.filter)
    var names = fetch.columns(namedIn: texts)
    // Verbs that read the tables of the schema know names that nobody writes.
    if OptionKey.cohortFiles.contains(where: { options.isGiven($0) })
      || request.verb.keys.contains(.jobsFile)
    {
      names = fetch.names
    }
    do throws(SiblingError) {
      return try rows(analysis, fetch, names, reason)
    } catch {
      guard error.code == .unknownColumn, let column = error.column else { throw error }
      guard fetch.names.contains(column), !names.contains(column) else {
        // Only what was fetched was there to guess from.
        var error = error
        error.suggestion = nearestName(to: column, among: fetch.names)
        error.help =
          "the columns are: " + fetch.names.prefix(30).joined(separator: ", ")
          + (fetch.names.count > 30 ? ", …" : "")
        throw error
      }
      return try rows(analysis, fetch, fetch.names, reason)
    }
  }

  private func rows(
    _ analysis: any TableAnalysis, _ fetch: EngineFetch, _ names: [String], _ reason: String
  ) throws(SiblingError) -> AnalysisOutput {
    let order = (request.verb.key("id").flatMap { request.options.text($0) }).map { [$0] } ?? []
    let found = try fetch.table(names, order: order, because: reason)
    let source = try DataSource(
      table: found.table, derivations: fetch.derivations,
      filter: found.isFiltered ? nil : fetch.filter)
    guard source.table.rowCount > 0 else {
      throw SiblingError(
        .noRows, "there are no rows to analyse", help: "check the source and --where")
    }
    var output = try analysis.run(source.table)
    output.notes = found.notes + source.notes.filter { !found.notes.contains($0) } + output.notes
    return output
  }

  /// Whatever may name a column: the formula, the options, and what stands for those not given.
  private var texts: [String] {
    [request.formula].compactMap { $0 } + request.options.allTexts
      + request.verb.keys.compactMap(\.defaultText)
  }

  private func engine(
    _ name: String, _ progress: @escaping (String) -> Void
  ) throws(SiblingError) -> any AggregateEngine {
    if kind == .memory {
      let source = try DataSource(path: name, options: plain)
      return MemoryEngine([name: source.table])
    }
    let timeout = try request.options.number(
      .engineTimeout, in: Double.leastNormalMagnitude...1e9)
    return try EngineRegistry.engine(kind, timeout: timeout, progress)
  }

  /// The options of reading a file: derivations and the filter are the engine's.
  private var plain: OptionValues {
    var plain = OptionValues()
    for key in OptionKey.fileReading + [.join] where request.options.isGiven(key) {
      plain.set(key, OptionValues.Entry(request.options.repeated(key)))
    }
    return plain
  }
}

extension OptionKey {
  /// The options that say how a file is read.
  static let fileReading: [OptionKey] = [.types, .dateFormat, .missingWords, .separator]
}
