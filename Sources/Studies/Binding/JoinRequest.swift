internal import Statistics
internal import Tables

/// A file whose columns are put beside the data by key.
struct JoinRequest: Equatable {
  /// The file, as it is opened.
  var path: String
  /// The keys in the data, and in the file.
  var keys: [String]
  var otherKeys: [String]
  var cardinality = JoinCardinality.manyToOne
  var unmatched = JoinUnmatched.keep
  var suffix: String?

  /// The joins of `--join`.
  ///
  /// - Throws: `invalidOption`.
  static func all(_ options: OptionValues) throws(SiblingError) -> [JoinRequest] {
    var requests: [JoinRequest] = []
    for text in options.repeated(.join) {
      guard let request = try JoinRequest(parsing: text, options) else {
        throw options.wrong(.join, "takes a file, by and keys: 'sites.csv by site_id'")
      }
      requests.append(request)
    }
    return requests
  }

  /// A request in the words of the option; nil where a file or a key lacks.
  private init?(parsing text: String, _ options: OptionValues) throws(SiblingError) {
    // The last ' by ', because a file's name may hold one too.
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard let by = words.lastIndex(of: "by"), by > 0 else { return nil }
    let path = words[..<by].joined(separator: " ")
    var rest = words[(by + 1)...].filter { !$0.isEmpty }
    guard !rest.isEmpty else { return nil }
    var keys = rest.removeFirst()
    // 'a, b' is as good as 'a,b'.
    while keys.hasSuffix(","), !rest.isEmpty { keys += rest.removeFirst() }
    guard let request = JoinRequest(path: path, keys: keys.split(separator: ",").map(String.init))
    else { return nil }
    self = request
    while !rest.isEmpty {
      let word = rest.removeFirst()
      if let cardinality = JoinCardinality(rawValue: word) {
        self.cardinality = cardinality
      } else if let unmatched = JoinUnmatched(rawValue: word) {
        self.unmatched = unmatched
      } else if word == "suffix", !rest.isEmpty {
        suffix = rest.removeFirst()
      } else {
        let known =
          JoinCardinality.allCases.map(\.rawValue) + JoinUnmatched.allCases.map(\.rawValue)
          + ["suffix"]
        throw options.wrong(
          .join, "takes no '\(word)' after the keys; it takes: " + known.joined(separator: ", "),
          suggestion: nearestName(to: word, among: known))
      }
    }
  }

  private init?(path: String, keys: [String]) {
    guard !path.isEmpty, !keys.isEmpty else { return nil }
    self.path = path
    (self.keys, otherKeys) = ([], [])
    for key in keys {
      let parts = key.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count <= 2, let own = parts.first, let other = parts.last, !own.isEmpty,
        !other.isEmpty
      else { return nil }
      self.keys.append(own)
      otherKeys.append(other)
    }
  }

  /// A join of a study file.
  ///
  /// - Throws: `missingKey`, `badValue`, located.
  init(_ node: StudyNode, in study: StudyFile) throws(SiblingError) {
    let keys = (node["by"]?.elements ?? []).compactMap(\.text).flatMap {
      $0.split(separator: ",").map { word in
        var word = word
        while word.first == " " { word.removeFirst() }
        while word.last == " " { word.removeLast() }
        return String(word)
      }
    }
    guard let file = node["file"]?.text,
      let request = JoinRequest(path: study.resolve(file), keys: keys)
    else {
      throw SiblingError(
        .missingKey, "a join needs a file and keys",
        help: "write {file: sites.csv, by: site_id}", location: node.location)
    }
    self = request
    if let text = node["cardinality"]?.text {
      cardinality = JoinCardinality(rawValue: text) ?? .manyToOne
    }
    if let text = node["unmatched"]?.text { unmatched = JoinUnmatched(rawValue: text) ?? .keep }
    suffix = node["suffix"]?.text
  }

  /// The table with the file's columns, and what was not found.
  ///
  /// - Throws: what is wrong with the file or the keys, located.
  func apply(
    to table: Table, _ reader: CSVReader
  ) throws(SiblingError) -> (table: Table, notes: [String]) {
    let other = try TableFile.read(path: path, reader: reader)
    let joined = try table.joining(
      other, by: keys, matching: otherKeys, cardinality: cardinality, unmatched: unmatched,
      suffix: suffix)
    let fate = unmatched == .drop ? "are left out" : "have its columns missing"
    var notes = other.notes
    var sentence =
      "joined \(path): \(joined.unmatched) of \(table.rowCount) rows have no match there"
    if joined.unmatched > 0 { sentence += " and \(fate)" }
    if joined.withoutKey > 0 { sentence += " (\(joined.withoutKey) of them lack a key)" }
    sentence += "; \(joined.unused) of its \(other.rowCount) rows belong to none of the data's"
    notes.append(sentence)
    return (joined.table, notes)
  }
}
