import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The bundled studies: the same bytes every time, and reports that hold together.
@Suite struct Reports {
  static let studies = ["mhep", "mpdta", "nsw", "rossi"]

  @Test(arguments: studies) func study(_ name: String) throws {
    let folder = try TemporaryFolder()
    for (output, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
      let run = try CommandLineRun(
        "run", "Data/\(name)/study.yaml", "--output", "\(folder.path)/\(output)", "--threads",
        threads, "-q")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "" && run.errors == "")
    }
    let files = folder.files(below: "one")
    for other in ["two", "again"] {
      #expect(folder.files(below: other) == files)
      for file in files {
        let same = try folder.bytes("one/\(file)") == folder.bytes("\(other)/\(file)")
        #expect(same, "\(file) of \(other)")
      }
    }
    let report = Folder(url: folder.url.appendingPathComponent("one"), files: files)
    for file in ["report.md", "summary.md", "claims.csv", "datapackage.json", "manifest.json"] {
      #expect(files.contains(file))
    }
    try report.checkLinks()
    try report.checkSections()
    try report.checkFigures()
    try report.checkClaims()
    try report.checkHashes(inputs: Golden.projectFolder.appendingPathComponent("Data/\(name)"))
    withExtendedLifetime(folder) {}
  }

  /// A report's folder.
  struct Folder {
    let url: URL
    let files: [String]

    func text(_ file: String) throws -> String {
      try String(contentsOf: url.appendingPathComponent(file), encoding: .utf8)
    }

    /// Every link leads to a file, and every figure is shown somewhere.
    func checkLinks() throws {
      var linked: Set<String> = []
      for document in ["report.md", "summary.md"] {
        let text = try text(document)
        let link = /\]\(([^)\s]+)\)/
        for match in text.matches(of: link) {
          let target = String(match.1)
          if target.hasPrefix("http") || target.hasPrefix("#") { continue }
          linked.insert(target)
          let leads = target.hasSuffix("/") && files.contains { $0.hasPrefix(target) }
          #expect(files.contains(target) || leads, "\(document) links to \(target)")
        }
      }
      for file in files where file.hasPrefix("figures/") {
        #expect(linked.contains(file), "\(file) is not shown")
      }
      for file in files where file.hasPrefix("results/") {
        #expect(linked.contains(file), "\(file) is not named")
      }
    }

    /// Each heading has something below it before the next of its rank.
    func checkSections() throws {
      for document in ["report.md", "summary.md"] {
        let lines = try text(document).split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("# ") == true)
        for (line, next) in zip(lines, lines.dropFirst() + ["# end"])
        where line.hasPrefix("#") && !line.hasPrefix("# ") {
          let rank = line.prefix { $0 == "#" }.count
          let following = next.prefix { $0 == "#" }.count
          #expect(following == 0 || following > rank, "\(document): \(line) is empty")
        }
        for word in ["nan", "inf", "nil", "Optional("] {
          let pattern = try Regex("\\b\(NSRegularExpression.escapedPattern(for: word))\\b")
          let whole = lines.joined(separator: "\n")
          #expect(whole.firstMatch(of: pattern) == nil, "\(document) says \(word)")
        }
      }
    }

    func checkFigures() throws {
      for file in files where file.hasSuffix(".svg") {
        let parser = XMLParser(data: try Data(contentsOf: url.appendingPathComponent(file)))
        let reader = SVGReader()
        parser.delegate = reader
        #expect(parser.parse(), "\(file) is not well-formed")
        #expect(reader.role == "img", "\(file)")
        #expect(reader.names.isSuperset(of: ["svg", "title", "desc", "text"]), "\(file)")
        #expect(reader.names.isDisjoint(with: ["script", "image", "foreignObject"]), "\(file)")
      }
    }

    /// Every number in the documents is the number of its cell.
    func checkClaims() throws {
      var tables: [String: CSVRecords] = [:]
      let claims = CSVRecords(try text("claims.csv"))
      #expect(claims.records.count > 5)
      // Notes are told by their words, in which a semicolon may stand; the audit looks at them.
      for claim in claims.rows
      where claim["kind"] == "cell" && claim["file"] != "results/notes.csv" {
        let file = claim["file"] ?? ""
        if tables[file] == nil { tables[file] = CSVRecords(try text(file)) }
        var match: [String: String] = [:]
        for part in (claim["row_key"] ?? "").components(separatedBy: "; ") {
          let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          match[String(pair[0])] = pair.count == 2 ? String(pair[1]) : ""
        }
        let row = try #require(tables[file]?.row(match), "no row: \(claim)")
        let cell = try #require(row[claim["column"] ?? ""], "no column: \(claim)")
        let shown = claim["text_value"] ?? ""
        #expect(Self.agrees(shown, cell), "\(shown) shows \(cell): \(claim)")
      }
    }

    /// Whether a number as written is a rounding of a cell.
    static func agrees(_ shown: String, _ cell: String) -> Bool {
      guard let value = Double(cell) else {
        let words = ["true": "yes", "false": "no", "": "n/a"]
        return words[cell].map { shown == $0 } ?? cell.contains(shown)
      }
      if shown == "< 0.001" { return value < 0.001 }
      var digits = shown.replacingOccurrences(of: "−", with: "-")
      digits = String(digits.filter { $0.isNumber || ".-eE".contains($0) || $0 == "-" })
      while let last = digits.last, !last.isNumber { digits.removeLast() }
      while let head = digits.first, head != "-", !head.isNumber { digits.removeFirst() }
      guard let number = Double(digits) else { return false }
      let places = digits.split(separator: ".").dropFirst().first?.count ?? 0
      let half = 0.5 * pow(10, -Double(places)) * (1 + 1e-6)
      let candidates = [value, 100 * value, 100 * (value - 1)]
      return candidates.contains { candidate in
        (number - candidate).magnitude <= half + 1e-9
          || (number - candidate.magnitude).magnitude <= half + 1e-9
          // Significant digits: the last one shown is the rounded one.
          || (number - candidate).magnitude <= 5e-4 * candidate.magnitude
      }
    }

    /// The package's and the manifest's hashes are those that another program finds.
    func checkHashes(inputs: URL) throws {
      struct Package: Decodable {
        struct Resource: Decodable {
          var path: String
          var hash: String?
        }
        var resources: [Resource]
      }
      struct Manifest: Decodable {
        struct Input: Decodable {
          var path: String
          var sha256: String
          var bytes: Int
        }
        var inputs: [Input]
        var planHash: String
        var studyHash: String

        enum CodingKeys: String, CodingKey {
          case inputs
          case planHash = "plan_sha256"
          case studyHash = "study_sha256"
        }
      }
      let decoder = JSONDecoder()
      let package = try decoder.decode(Package.self, from: Data(text("datapackage.json").utf8))
      let described = Set(package.resources.map(\.path))
      for file in files where file.hasSuffix(".csv") {
        #expect(described.contains(file), "\(file)")
      }
      for resource in package.resources {
        let found = try Self.sha256(url.appendingPathComponent(resource.path))
        #expect(resource.hash == "sha256:\(found)" || resource.hash == found, "\(resource.path)")
      }
      let manifest = try decoder.decode(Manifest.self, from: Data(text("manifest.json").utf8))
      #expect(!manifest.inputs.isEmpty)
      for input in manifest.inputs {
        let file = inputs.appendingPathComponent(input.path)
        #expect(try Self.sha256(file) == input.sha256, "\(input.path)")
        #expect(try Data(contentsOf: file).count == input.bytes)
      }
      let study = try Self.sha256(inputs.appendingPathComponent("study.yaml"))
      #expect(study == manifest.studyHash)
      // The plan is what of the study file can move a result, in one order and spelling.
      #expect(manifest.planHash.count == 64 && manifest.planHash != study)
    }

    static func sha256(_ file: URL) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
      process.arguments = [file.path]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: data.prefix(64), as: UTF8.self)
    }
  }
}

/// Collects the names of an SVG's elements.
private final class SVGReader: NSObject, XMLParserDelegate {
  var names: Set<String> = []
  var role: String?

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
    qualifiedName qName: String?, attributes attributeDict: [String: String] = [:]
  ) {
    names.insert(elementName)
    if elementName == "svg" { role = attributeDict["role"] }
  }
}
