internal import Reporting

/// The section on methods of a written report: what was done, with its sources.
struct ReportMethods {
  /// The items as Markdown.
  private(set) var items: [String] = []

  init(_ report: String) {
    var isMethods = false
    for line in report.split(separator: "\n") {
      if line.hasPrefix("## ") {
        isMethods = line.hasSuffix(". Methods")
      } else if isMethods, line.hasPrefix("- ") {
        items.append(String(line.dropFirst(2)))
      } else if isMethods, !items.isEmpty {
        return
      }
    }
  }

  /// Markdown as plain text.
  static func plain(_ markdown: String) -> String {
    MarkdownText(markdown).blocks.map(\.text).joined(separator: " ")
  }

  /// A source by author, year and DOI.
  struct Source: Equatable {
    let authors: String
    let year: String
    let doi: String
  }

  /// The sources of the items, in order, each once.
  var sources: [Source] {
    var found: [Source] = []
    for item in items.map(Self.plain) {
      var rest = Substring(item)
      var before = ""
      while let range = rest.firstRange(of: "doi:") {
        before += rest[..<range.lowerBound]
        let doi = Self.doi(rest[range.upperBound...])
        rest = rest[range.upperBound...].dropFirst(doi.count)
        if !doi.isEmpty, !found.contains(where: { $0.doi == doi }) {
          let (authors, year) = Self.citation(before)
          found.append(Source(authors: authors, year: year, doi: doi))
        }
        // A second DOI after "and" belongs to the same authors.
        if !rest.hasPrefix(" and doi:") { before = "" }
      }
    }
    return found
  }

  /// The DOI at the start of a text: up to a space or a mark that closes more than the DOI opened.
  private static func doi(_ text: Substring) -> String {
    var doi = ""
    var open = 0
    for character in text {
      if character == "(" { open += 1 }
      if character == ")" {
        if open == 0 { break }
        open -= 1
      }
      if character == " " || character == ";" || character == "," || character == "]" { break }
      doi.append(character)
    }
    while doi.hasSuffix(".") || doi.hasSuffix(":") { doi.removeLast() }
    return doi
  }

  /// Authors and year from the words before a DOI: `(Abadie and Spiess 2022, ` or `Bell (2002, `.
  private static func citation(_ text: String) -> (authors: String, year: String) {
    let years = Numerals.tokens(text).filter {
      $0.text.utf8.count == 4 && ("1800"..."2100").contains($0.text)
    }
    guard let year = years.last else { return ("", "") }
    let words = String(decoding: Array(text.utf8)[..<year.range.lowerBound], as: UTF8.self)
    // Back over names and what joins them.
    let joins: Set<String> = ["and", "van", "de", "der", "others", "von"]
    var authors: [String] = []
    for word in words.split(separator: " ").reversed() {
      let bare = word.filter { $0 != "(" && $0 != "," && $0 != ";" }
      if bare.isEmpty, authors.isEmpty { continue }
      guard let first = bare.first, first.isUppercase || joins.contains(bare) else { break }
      // A sentence, a list or a bracket ended before the names began.
      let ends = word.hasSuffix(";") || word.hasSuffix(":") || word.hasSuffix(".")
      if ends, !authors.isEmpty { break }
      let name = bare.hasSuffix("'s") ? String(bare.dropLast(2)) : bare
      authors.append(word.hasSuffix(",") ? name + "," : name)
      if word.hasPrefix("(") && bare != "" { break }
    }
    while let last = authors.last, joins.contains(last) { authors.removeLast() }
    return (authors.reversed().joined(separator: " "), year.text)
  }
}
