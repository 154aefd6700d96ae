import Foundation
import TestSupport
import Testing

/// The commands of every notebook give the outputs that stand below them.
@Suite struct NotebookTests {
  static let folder = Golden.projectFolder.appendingPathComponent("Notebooks-md")

  static let notebooks: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()

  @Test func thereAreNotebooks() { #expect(!Self.notebooks.isEmpty) }

  @Test(arguments: notebooks) func outputsAreCurrent(_ name: String) throws {
    let url = Self.folder.appendingPathComponent(name)
    let text = try String(contentsOf: url, encoding: .utf8)
    var result = ""
    var rest = Substring(text)
    var commands = 0
    while let start = rest.range(of: "```console\n$ ") {
      let end = try #require(rest.range(of: "\n```\n", range: start.upperBound..<rest.endIndex))
      let command = String(rest[start.upperBound..<end.lowerBound])
      let open = "<!-- output -->\n"
      let close = "<!-- /output -->"
      #expect(rest[end.upperBound...].hasPrefix(open), "no output below: \(command)")
      let closing = try #require(rest.range(of: close, range: end.upperBound..<rest.endIndex))
      let printed = try Self.run(command)
      result += rest[..<end.upperBound] + open + "```text\n" + printed + "```\n" + close
      rest = rest[closing.upperBound...]
      commands += 1
    }
    result += rest
    #expect(commands > 0)
    if ProcessInfo.processInfo.environment["SIBLING_PROMOTE"] == "1" {
      try Data(result.utf8).write(to: url)
    } else {
      // Processor kernels may differ in the last digits, so numbers are compared, not bytes.
      #expect(Self.agrees(result, text), "\(name) is stale; see Notebooks-md/README.md")
    }
  }

  /// Standard output and standard error of a shell command in the project's folder.
  private static func run(_ command: String) throws -> String {
    let words = command.replacingOccurrences(of: "\\\n", with: " ")
    let arguments = try #require(split(words).first == "sibling" ? split(words).dropFirst() : nil)
    let run = try CommandLineRun(arguments: Array(arguments))
    return run.output + run.errors
  }

  /// Words as a shell splits them, with single and double quotes.
  private static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var started = false
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        started = true
      } else if character.isWhitespace {
        if started || !word.isEmpty { words.append(word) }
        (word, started) = ("", false)
      } else {
        word.append(character)
      }
    }
    if started || !word.isEmpty { words.append(word) }
    return words
  }

  /// Whether two texts have the same words, numbers agreeing to 1e-9.
  private static func agrees(_ left: String, _ right: String) -> Bool {
    func tokens(_ text: String) -> [Substring] {
      text.split { $0.isWhitespace || "|,:;()[]{}\"".contains($0) }
    }
    let (a, b) = (tokens(left), tokens(right))
    guard a.count == b.count else { return false }
    return zip(a, b).allSatisfy { one, other in
      if one == other { return true }
      guard let x = Double(one), let y = Double(other) else { return false }
      return close(x, y, Tolerance(relative: 1e-9))
    }
  }
}
