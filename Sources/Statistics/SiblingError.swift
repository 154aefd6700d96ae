/// What went wrong, where, and what to do about it.
///
/// One error type for the whole house. An estimator names the row and the term it was given; the
/// room that knows the file turns these into `file:line:column`. The offending cell is kept apart
/// from the message, so that it can be masked when the data are not public.
public struct SiblingError: Error, Sendable, Equatable {
  /// The kind of failure.
  public var code: Code
  /// One sentence in plain words that never quotes a client's data.
  public var message: String
  /// What the user can do about it.
  public var help: String?
  /// A name that the user may have meant.
  public var suggestion: String?
  /// Where in a file it stands.
  public var location: Location?
  /// The row of the arrays handed to an estimator, from zero.
  public var row: Int?
  /// The column or term concerned.
  public var column: String?
  /// The offending text of the data; shown only when the data are declared public.
  public var cell: String?

  /// An error with a code, a message and whatever else is known.
  public init(
    _ code: Code, _ message: String, help: String? = nil, suggestion: String? = nil,
    location: Location? = nil, row: Int? = nil, column: String? = nil, cell: String? = nil
  ) {
    self.code = code
    self.message = message
    self.help = help
    self.suggestion = suggestion
    self.location = location
    self.row = row
    self.column = column
    self.cell = cell
  }

  /// A place in a file; lines and columns are counted from one.
  public struct Location: Sendable, Equatable {
    /// The file as the user named it.
    public var file: String
    /// The line, from one; nil when the whole file is meant.
    public var line: Int?
    /// The column, from one: for CSV the field's first byte in its line.
    public var column: Int?

    /// A place in a file.
    public init(file: String, line: Int? = nil, column: Int? = nil) {
      self.file = file
      self.line = line
      self.column = column
    }
  }
}

extension SiblingError {
  /// The kinds of failure, each with the exit status that the command line gives it.
  public enum Code: String, Sendable, CaseIterable {
    // usage
    case usage = "usage"
    case formulaSyntax = "formula-syntax"
    case expressionSyntax = "expression-syntax"
    case invalidOption = "invalid-option"
    // what was given
    case unreadableFile = "unreadable-file"
    case emptyFile = "empty-file"
    case unsupportedFormat = "unsupported-format"
    case truncatedFile = "truncated-file"
    case raggedRow = "ragged-row"
    case badQuote = "bad-quote"
    case badEncoding = "bad-encoding"
    case duplicateColumn = "duplicate-column"
    case unknownColumn = "unknown-column"
    case badCell = "bad-cell"
    case wrongType = "wrong-type"
    case unknownLevel = "unknown-level"
    case missingValue = "missing-value"
    case noRows = "no-rows"
    case unknownKey = "unknown-key"
    case missingKey = "missing-key"
    case badValue = "bad-value"
    case yamlSyntax = "yaml-syntax"
    case sizeMismatch = "size-mismatch"
    case constantTreatment = "constant-treatment"
    case constantOutcome = "constant-outcome"
    case separation = "separation"
    case rankDeficient = "rank-deficient"
    case noEvents = "no-events"
    case badInterval = "bad-interval"
    case badWeight = "bad-weight"
    case badDesign = "bad-design"
    case duplicateKey = "duplicate-key"
    case noOverlap = "no-overlap"
    case noMatches = "no-matches"
    case tooFewClusters = "too-few-clusters"
    case tooFewObservations = "too-few-observations"
    case dataQuality = "data-quality"
    // the run
    case nonConvergence = "non-convergence"
    case writeFailure = "write-failure"
    case internalError = "internal"
    case gateFailed = "gate-failed"
    case disclosure = "disclosure"
    case drift = "drift"
    case checkFailed = "check-failed"
    // engines
    case engineMissing = "engine-missing"
    case engineRefused = "engine-refused"
    case engineFailed = "engine-failed"
    case engineLost = "engine-lost"
    case engineTimeout = "engine-timeout"
    case interrupted = "interrupted"
    case needsRows = "needs-rows"

    /// The exit status: 1 run, 2 gate, 3 disclosure, 4 drift, 64 usage, 65 what was given, 130 interrupted.
    public var exitStatus: Int32 {
      switch self {
      case .usage, .formulaSyntax, .expressionSyntax, .invalidOption, .needsRows: 64
      case .nonConvergence, .writeFailure, .internalError, .engineLost, .engineTimeout: 1
      case .gateFailed: 2
      case .disclosure: 3
      case .drift, .checkFailed: 4
      case .interrupted: 130
      default: 65
      }
    }
  }
}

extension SiblingError {
  /// The same error with a place in a file.
  public func located(_ location: Location?) -> SiblingError {
    var error = self
    error.location = location ?? self.location
    return error
  }
}

/// The candidate nearest to `word` by edit distance, when it is near enough to be meant.
public func nearestName(to word: String, among candidates: [String]) -> String? {
  let limit = max(1, word.count / 3)
  let scored = candidates.map { ($0, editDistance(Array(word.utf8), Array($0.utf8))) }
  let caseless = candidates.first { $0.lowercased() == word.lowercased() }
  if let caseless { return caseless }
  return scored.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// Edit distance with transpositions of neighbours counted once (optimal string alignment).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in 0..<b.count {
      row[j + 1] = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], rows[i - 1][j - 1] + 1)
      }
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
