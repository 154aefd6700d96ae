internal import Reporting
internal import Statistics

extension ReportAudit {
  /// Words that claim what no interval says.
  mutating func words(_ blocks: [String], _ document: String) {
    for block in blocks {
      let text = block.lowercased()
      if Self.isWord("significant", in: text), !text.contains("significant digit") {
        note("words", document, "an interval, never the bare word", "significant", .mismatch)
      }
      let claims = ["has no effect", "had no effect", "is no effect", "was no effect"]
      if claims.contains(where: { text.contains($0) }), !text.contains("not be taken to mean") {
        note("words", document, "inconclusive", "no effect", .mismatch)
      }
    }
  }

  private static func isWord(_ word: String, in text: String) -> Bool {
    text.split { !$0.isLetter }.contains { $0 == word }
  }

  /// Words of direction and verdicts of sentences against the cells of their claims.
  mutating func directions(_ claims: [Claim]) throws(SiblingError) {
    var keys = ClaimedRowKeys()
    for claim in claims where claim.kind == "cell" { keys.declare(claim.file, claim.rowKey) }
    for claim in claims where claim.kind == "cell" {
      guard report.files.contains(claim.file) else { continue }
      let rows = try table(claim.file)
      guard let row = keys.row(claim.rowKey, claim.file, rows) else { continue }
      let null = ["ratio", "hazard-ratio", "odds-ratio"].contains(rows[row, "scale"]) ? 1.0 : 0
      let place = "\(claim.file): \(claim.rowKey)"
      if claim.column == "conf.low" || claim.column == "conf.high",
        claim.sentence.contains("between "), let value = Double(rows[row, claim.column]),
        let sign = Self.direction(
          after: claim.text, in: claim.sentence, isUpper: claim.column == "conf.high")
      {
        let centre = claim.text.hasSuffix("%") && null == 1 ? 1.0 : null == 1 ? value : 0
        let isRight = (value - centre) * sign >= 0
        note(
          "direction", "\(place); \(claim.column)", value < centre ? "fewer or less" : "more",
          sign < 0 ? "fewer or less" : "more", isRight ? .ok : .mismatch)
      }
      if claim.column == "conf.level", claim.sentence.hasPrefix("The result is "),
        let low = Double(rows[row, "conf.low"]), let high = Double(rows[row, "conf.high"])
      {
        let isRatio = claim.sentence.contains("a ratio of one")
        let isOpen = isRatio ? low <= 1 && high >= 1 : low <= 0 && high >= 0
        let isSaidOpen = claim.sentence.hasPrefix("The result is inconclusive")
        note(
          "verdict", place, isOpen ? "inconclusive" : "a direction",
          isSaidOpen ? "inconclusive" : "a direction", isOpen == isSaidOpen ? .ok : .mismatch)
      }
    }
    try levels(claims)
  }

  /// A sentence that says 95% although every interval of the report has another level.
  private mutating func levels(_ claims: [Claim]) throws(SiblingError) {
    var levels: Set<String> = []
    for file in report.files where file.hasPrefix("results/") && file.hasSuffix(".csv") {
      let rows = try table(file)
      guard rows.has("conf.level") else { continue }
      levels.formUnion(rows.rows.indices.map { rows[$0, "conf.level"] })
    }
    levels.remove("")
    guard !levels.isEmpty, !levels.contains("0.95") else { return }
    for claim in claims
    where claim.kind == "constant" && claim.text == "95"
      && claim.sentence.contains("95% interval of the")
    {
      note(
        "level", "claims.csv: \(claim.sentence.prefix(80))",
        levels.sorted().joined(separator: ", "),
        "95%", .mismatch)
    }
  }

  /// The direction that the words after a number give it: −1 for fewer, 1 for more; nil for none.
  ///
  /// The upper limit stands after the "and" of "between … and …", also where both read the same.
  private static func direction(
    after text: String, in sentence: String, isUpper: Bool
  ) -> Double? {
    let part = Array(text.utf8)
    let bytes = Array(sentence.utf8)
    var from = 0
    if isUpper {
      for word in ["between ", " and "] {
        from = ClaimedText.places(of: Array(word.utf8), in: bytes[from...]).first ?? from
      }
    }
    guard part.first.map({ $0 != 43 && $0 < 128 }) ?? false,
      let start = ClaimedText.places(of: part, in: bytes[from...]).first
    else { return nil }
    let rest = String(decoding: bytes[(start + part.count)...].prefix(60), as: UTF8.self)
    let words: [(String, Double)] = [
      ("fewer", -1), ("less", -1), ("lower", -1), ("more", 1), ("higher", 1),
    ]
    for word in rest.split(whereSeparator: { !$0.isLetter }) {
      if word == "than" { return nil }
      if let known = words.first(where: { $0.0 == word }) { return known.1 }
    }
    return nil
  }
}
