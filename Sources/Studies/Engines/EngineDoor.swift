internal import Engines
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
  /// `what` needs every row in memory.
  static func error(_ what: String) -> SiblingError {
    SiblingError(
      .usage, "\(what) needs rows in memory, not sums",
      help: "leave out --engine and give a file, or choose another setting")
  }
}

/// One call of a verb on an engine.
struct EngineDoor {
  let request: AnalysisRequest
  let kind: EngineKind

  /// The door of a request; nil when it names no engine.
  ///
  /// - Throws: `invalidOption` for an unknown engine or a timeout that is no time.
  init?(_ request: AnalysisRequest) throws(SiblingError) {
    guard request.options.isGiven(.engine) else {
      if request.options.isGiven(.engineSource) || request.options.isGiven(.engineTimeout) {
        throw request.options.wrong(.engineSource, "is for --engine")
      }
      return nil
    }
    self.request = request
    kind = EngineKind(rawValue: try request.options.choice(.engine)) ?? .memory
  }

  /// Runs an analysis on the engine: from sums where it can, else on the columns that it uses, fetched.
  ///
  /// - Throws: what is wrong with the options, the data or the engine, located.
  func run(_ analysis: any TableAnalysis) throws(SiblingError) -> AnalysisOutput {
    let options = request.options
    let name = options.text(.engineSource) ?? request.path
    guard !name.isEmpty else {
      throw SiblingError(.usage, "--engine needs a table or file: --source NAME")
    }
    do throws(SiblingError) {
      let engine = try engine(name)
      defer { engine.close() }
      guard let analysis = analysis as? any EngineAnalysis else {
        throw NeedsRows.error("'\(request.verb.name)'")
      }
      var data = try EngineData(
        engine, .named(name), derivations: options.repeated(.derive),
        filter: options.text(.filter))
      data.minimumCell = try EngineDisclosure.minimumCell(options)
      return try analysis.run(on: data)
    } catch {
      throw error.located(
        error.location ?? SiblingError.Location(file: "\(kind.rawValue):\(name)"))
    }
  }

  private func engine(_ name: String) throws(SiblingError) -> any AggregateEngine {
    if kind == .memory {
      let source = try DataSource(path: name, options: plain)
      return MemoryEngine([name: source.table])
    }
    var settings = EngineSettings()
    settings.timeout = try request.options.number(
      .engineTimeout, in: Double.leastNormalMagnitude...1e9)
    return try EngineRegistry.engine(kind, settings)
  }

  /// The options of reading a file: derivations and the filter are the engine's.
  private var plain: OptionValues {
    var plain = OptionValues()
    for key in [OptionKey.types, .dateFormat, .missingWords, .separator]
    where request.options.isGiven(key) {
      plain.set(key, OptionValues.Entry(request.options.texts(key)))
    }
    return plain
  }
}

/// Which cells may leave an engine.
enum EngineDisclosure {
  /// The fewest people of a cell, where the profile says that smaller ones stay in the engine.
  ///
  /// - Throws: `invalidOption` for an unknown profile.
  static func minimumCell(_ options: OptionValues) throws(SiblingError) -> Int? {
    nil
  }
}
