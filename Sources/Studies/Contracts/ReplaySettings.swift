internal import Contracts
internal import Statistics
internal import Tables

/// How claims are replayed, decoded once for the command line and the study file.
struct ReplaySettings {
  /// The replay.
  var replay: ClaimReplay

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    func band(_ key: OptionKey) throws(SiblingError) -> ClaimReplay.BandChoice? {
      ClaimReplay.BandChoice(rawValue: try options.choice(key))
    }
    replay = ClaimReplay(
      capRule: ClaimReplay.CapRule(rawValue: try options.choice(.replayCapRule)) ?? .partial,
      exactly16: try band(.replayExactly16), unknownHours: try band(.replayUnknownHours),
      order: ClaimReplay.Order(rawValue: try options.choice(.replayOrder)) ?? .claimed)
  }

  /// The claims of some tables, replayed.
  ///
  /// - Throws: what is wrong with terms or claims, located.
  func replayed(_ tables: ContractTables) throws(SiblingError) -> ReplayedClaims {
    do throws(SiblingError) {
      try tables.terms.check()
    } catch {
      throw tables.locating(terms: error)
    }
    guard !tables.claims.isEmpty || tables.unchecked.isEmpty else {
      throw SiblingError(
        .noRows, "every claim is for a job, and there is no table of jobs to check them against",
        help: "name the file of jobs")
    }
    do throws(SiblingError) {
      return try replay.replay(tables.claims, under: tables.terms)
    } catch {
      throw tables.locating(claim: error)
    }
  }
}

extension ContractTables {
  /// The tables of a one-line verb: its data are the claims, its options name the other files.
  ///
  /// - Throws: what is wrong with a file, located.
  init(claims: Table, _ options: OptionValues) throws(SiblingError) {
    var reader = try DataSource.reader(options)
    // Types and formats are declared for the columns of all files together.
    reader.toleratesAbsentColumns = true
    var tables = ["claims": claims]
    for (name, key) in Self.files {
      guard let path = options.text(key) else { continue }
      tables[name] = try TableFile.read(path: path, reader: reader)
    }
    try DataSource.requireColumns(of: reader, in: tables.keys.sorted().compactMap { tables[$0] })
    try self.init(tables)
  }

  /// The files that options name, by the tables that they hold.
  static let files: [(table: String, key: OptionKey)] = [
    ("contracts", .contractTermsFile), ("tariffs", .tariffsFile),
    ("payer_shares", .payerSharesFile), ("payer_caps", .payerCapsFile), ("clients", .clientsFile),
    ("jobs", .jobsFile),
  ]
}
