public import Statistics

/// A connection that survives its loss: after one it connects again, makes its temporary tables anew and asks
/// the same question, so that a fit goes on from its last completed step.
///
/// Only what changes nothing on the server is asked again: aggregates, schemas, and temporary tables from
/// their own queries. A stream is begun again only while none of its rows has been handed on.
public final class ResilientEngine: AggregateEngine {
  private let connector: any EngineConnector
  private let settings: EngineSettings
  private var engine: (any AggregateEngine)?
  /// Whether there has been a connection, so that the address is known to be right.
  private var hasConnected = false
  /// The temporary tables, in the order in which they were made.
  private var made: [(name: String, query: TemporaryQuery)] = []

  /// A connection that is made when it is first used.
  public init(_ connector: any EngineConnector, _ settings: EngineSettings) {
    self.connector = connector
    self.settings = settings
  }

  /// Which engine it is.
  public var kind: EngineKind { connector.kind }

  /// As the connection answers.
  public func schema(of source: EngineSource) throws(SiblingError) -> [EngineColumn] {
    try repeating { engine throws(SiblingError) in try engine.schema(of: source) }
  }

  /// As the connection answers.
  public func aggregate(_ query: AggregateQuery) throws(SiblingError) -> Cells {
    try repeating { engine throws(SiblingError) in try engine.aggregate(query) }
  }

  /// As the connection streams.
  public func stream(
    _ query: RowQuery, _ body: (RowBlock) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    var hasBegun = false
    let mayRepeat = { !hasBegun }
    try repeating(while: mayRepeat) { engine throws(SiblingError) in
      try engine.stream(query) { block throws(SiblingError) in
        hasBegun = true
        try body(block)
      }
    }
  }

  /// Makes a table on this connection and on those that take its place.
  public func createTemporary(_ name: String, _ query: TemporaryQuery) throws(SiblingError) {
    try repeating { engine throws(SiblingError) in try engine.createTemporary(name, query) }
    made.removeAll { $0.name == name }
    made.append((name, query))
  }

  /// Forgets a table on this connection and on those that take its place.
  public func dropTemporary(_ name: String) {
    made.removeAll { $0.name == name }
    engine?.dropTemporary(name)
  }

  /// Ends the connection.
  public func close() {
    engine?.close()
    engine = nil
    made = []
  }

  /// Asks, and after a loss asks again over a new connection.
  private func repeating<Answer>(
    while mayRepeat: () -> Bool = { true },
    _ ask: (any AggregateEngine) throws(SiblingError) -> Answer
  ) throws(SiblingError) -> Answer {
    try StopRequest.watching { () throws(SiblingError) in
      var pause = settings.pause
      var left = settings.retries
      while true {
        let engine = try connected()
        do throws(SiblingError) { return try ask(engine) } catch {
          guard error.code == .engineLost else { throw error }
          engine.close()
          self.engine = nil
          guard left > 0, mayRepeat() else { throw error }
          left -= 1
          settings.progress?("the connection to \(kind.title) was lost; trying again")
          try Pause.orStop(pause)
          pause *= 2
        }
      }
    }
  }

  /// The connection; a new one, with the temporary tables, where there is none.
  ///
  /// What was there once is waited for as long as the connector says that it takes to come back; what never was is
  /// tried a few times only, since its address may be wrong.
  private func connected() throws(SiblingError) -> any AggregateEngine {
    if let engine { return engine }
    let patience = settings.patience ?? connector.patience
    let began = ContinuousClock.now
    var pause = settings.pause
    var tries = 0
    while true {
      do throws(SiblingError) { return try connect() } catch {
        guard error.code == .engineLost else { throw error }
        let isWorthwhile =
          hasConnected ? ContinuousClock.now - began < .seconds(patience) : tries < settings.retries
        guard isWorthwhile else { throw error }
        if tries == 0 {
          settings.progress?(
            hasConnected
              ? "\(kind.title) has gone; waiting for it, up to \(Int(patience.rounded(.up))) s"
              : "\(kind.title) can't be reached; trying again")
        }
        tries += 1
        try Pause.orStop(pause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }

  private func connect() throws(SiblingError) -> any AggregateEngine {
    let new = try connector.connect(settings)
    do throws(SiblingError) {
      for (name, query) in made { try new.createTemporary(name, query) }
    } catch {
      new.close()
      throw error
    }
    hasConnected = true
    engine = new
    return new
  }

  /// The most seconds between two tries to connect.
  private static let longestPause = 4.0
}
