import Foundation
import Statistics
import TestSupport
import Testing

@testable import Studies

/// A draft-07 validator of the few words that the study file's schema uses.
private struct SchemaWalker {
  /// Every departure of a node from a schema.
  func problems(_ node: StudyNode, _ schema: [String: Any], _ path: String = "") -> [String] {
    var found: [String] = []
    if let options = schema["anyOf"] as? [[String: Any]] {
      let results = options.map { problems(node, $0, path) }
      return results.contains { $0.isEmpty } ? [] : results.min { $0.count < $1.count } ?? []
    }
    if let allowed = schema["enum"] as? [String] {
      return node.text.map(allowed.contains) == true ? [] : ["\(path): not among the values"]
    }
    let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
    guard types.contains(where: { matches(node, $0) }) else {
      return ["\(path): not \(types.joined(separator: " or "))"]
    }
    guard node.isMapping, let properties = schema["properties"] as? [String: [String: Any]] else {
      // A list has its elements described.
      guard node.isList, let items = schema["items"] as? [String: Any] else { return [] }
      return node.elements.flatMap { problems($0, items, path + "[]") }
    }
    for (key, _) in node.keys {
      if let property = properties[key], let child = node[key] {
        found += problems(child, property, "\(path)/\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        found.append("\(path)/\(key): unknown")
      }
    }
    for key in schema["required"] as? [String] ?? [] where node[key] == nil {
      found.append("\(path)/\(key): missing")
    }
    return found
  }

  private func matches(_ node: StudyNode, _ type: String) -> Bool {
    switch type {
    case "object": node.isMapping
    case "array": node.isList
    case "string": node.text != nil
    case "number": node.text.flatMap { Double($0) } != nil
    case "integer": node.text.flatMap { Int($0) } != nil
    case "boolean": node.text == "true" || node.text == "false"
    default: false
    }
  }
}

@Suite struct StudySchemaTests {
  static let studies = ["mhep", "mpdta", "nsw", "rossi"]

  private let schema: [String: Any]

  init() throws {
    let parsed = try JSONSerialization.jsonObject(with: Data(StudySchema.text.utf8))
    schema = try #require(parsed as? [String: Any])
  }

  private func text(_ study: String) throws -> String {
    let url = Golden.projectFolder.appendingPathComponent("Data/\(study)/study.yaml")
    return try String(contentsOf: url, encoding: .utf8)
  }

  @Test func theCommittedSchemaIsTheGeneratedOne() throws {
    let url = Golden.projectFolder.appendingPathComponent("Data/study.schema.json")
    #expect(try String(contentsOf: url, encoding: .utf8) == StudySchema.text)
    #expect(schema["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
    #expect(schema["type"] as? String == "object")
    #expect(schema["additionalProperties"] as? Bool == false)
  }

  @Test(arguments: studies) func theBundledStudiesAreValid(_ study: String) throws {
    let node = try StudyNode(parsing: try text(study), file: "study.yaml")
    #expect(SchemaWalker().problems(node, schema) == [])
    #expect(node.problems(against: .study) == [])
  }

  /// What the checker refuses, the schema refuses, and the other way round.
  @Test(arguments: [
    ("study: ", "stuyd: "), ("title: ", "tilte: "), ("public: true", "public: perhaps"),
    ("seed: 1", "seed: one"), ("seed: 1", "seed: [1, 2]"), ("caliper: 0.2", "caliper: wide"),
    ("  mechanism: self-selected", "  mechanism: luck"), ("  level: individual", "  lvl: site"),
    ("  column: treat", "  columns: treat"), ("question: >-\n", "questions: >-\n"),
    ("    replace: true", "    replace: sometimes"),
    ("  file: nsw_cps.csv\n", "  flie: nsw_cps.csv\n"),
    ("  - outcome: re78\n", "  - outcomes: re78\n"), ("labels:\n", "lables:\n"),
    ("  estimate: 1794.34", "  estimate: a lot"), ("    kind: amount", "    kind: money"),
  ])
  func mutations(_ change: (String, String)) throws {
    let original = try text("nsw")
    let changed = original.replacingOccurrences(of: change.0, with: change.1)
    #expect(changed != original, "the change '\(change.0)' does not occur")
    let node = try StudyNode(parsing: changed, file: "study.yaml")
    let problems = node.problems(against: .study)
    #expect(!problems.isEmpty)
    #expect(!SchemaWalker().problems(node, schema).isEmpty)
    for problem in problems {
      #expect(problem.location?.line != nil, "\(problem.message)")
      #expect(problem.location?.column != nil, "\(problem.message)")
      #expect(problem.code.exitStatus == 65)
    }
  }

  @Test func anUnknownKeyHasItsPlaceAndANeighbour() throws {
    let changed = try text("nsw").replacingOccurrences(of: "\nseed: 1\n", with: "\nsede: 1\n")
    let node = try StudyNode(parsing: changed, file: "s.yaml")
    let problem = try #require(node.problems(against: .study).first)
    #expect(problem.code == .unknownKey)
    #expect(problem.suggestion == "seed")
    #expect(problem.location == SiblingError.Location(file: "s.yaml", line: 7, column: 1))
  }

  @Test func syntaxErrorsHaveAPlace() throws {
    for text in ["study: [1, 2\ntitle: x\n", "study: 'open\n", "a:\n\t- b\n", "a: 1\na: 2\n"] {
      let error = #expect(throws: SiblingError.self) {
        try StudyNode(parsing: text, file: "s.yaml")
      }
      #expect(error?.code == .yamlSyntax, "\(text)")
      #expect(error?.location?.line != nil, "\(text)")
    }
    let empty = #expect(throws: SiblingError.self) { try StudyNode(parsing: "", file: "s.yaml") }
    #expect(empty?.code == .emptyFile)
  }
}
