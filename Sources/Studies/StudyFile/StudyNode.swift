internal import Statistics
internal import Yams

/// A node of a study file that knows where it stands.
struct StudyNode {
  private let node: Node
  /// The file's name as the user gave it.
  let file: String
  /// Where reading a key of the whole file is noted; nil below it.
  private var reads: ReadLog?

  /// The same node, whose reading is noted.
  func noting(_ reads: ReadLog) -> StudyNode {
    var node = self
    node.reads = reads
    return node
  }

  /// Parses a YAML text.
  ///
  /// - Throws: `yamlSyntax` with line and column; `emptyFile` when there is nothing in it.
  init(parsing text: String, file: String) throws(SiblingError) {
    self.file = file
    do {
      guard let node = try Yams.compose(yaml: text) else {
        throw SiblingError(
          .emptyFile, "the study file is empty", help: "'sibling schema' describes what it holds",
          location: SiblingError.Location(file: file))
      }
      self.node = node
    } catch let error as SiblingError {
      throw error
    } catch let error as YamlError {
      throw StudyNode.translated(error, file: file)
    } catch {
      throw SiblingError(
        .yamlSyntax, "the study file is not YAML", location: SiblingError.Location(file: file))
    }
  }

  private init(_ node: Node, file: String) {
    self.node = node
    self.file = file
  }

  private static func translated(_ error: YamlError, file: String) -> SiblingError {
    func make(_ problem: String, _ mark: Mark?) -> SiblingError {
      SiblingError(
        .yamlSyntax, "YAML: \(problem)",
        help: "indent with spaces; quote texts that hold ': ' or ' #' or start with a quote",
        location: SiblingError.Location(file: file, line: mark?.line, column: mark?.column))
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return make(problem, mark)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "\($0)" }.sorted().joined(separator: ", ")
      return make("the key '\(names)' occurs twice", context.mark)
    default:
      return make("the file can't be read", nil)
    }
  }

  /// Where the node stands.
  var location: SiblingError.Location {
    SiblingError.Location(file: file, line: node.mark?.line, column: node.mark?.column)
  }

  /// The node under a key.
  subscript(key: String) -> StudyNode? {
    reads?.note(section: key)
    guard case .mapping(let mapping) = node else { return nil }
    return mapping.first { $0.key.string == key }.map { StudyNode($0.value, file: file) }
  }

  /// The keys of a mapping with their places, in file order.
  var keys: [(name: String, location: SiblingError.Location)] {
    reads?.note(section: ReadLog.everything)
    guard case .mapping(let mapping) = node else { return [] }
    return mapping.map { pair in
      let mark = pair.key.mark
      return (
        pair.key.string ?? "",
        SiblingError.Location(file: file, line: mark?.line, column: mark?.column)
      )
    }
  }

  /// The elements of a list; a scalar counts as a list of itself.
  var elements: [StudyNode] {
    switch node {
    case .sequence(let sequence): sequence.map { StudyNode($0, file: file) }
    default: [self]
    }
  }

  /// The text of a scalar; nil for lists, mappings and null.
  var text: String? {
    guard case .scalar(let scalar) = node else { return nil }
    if node.null != nil, scalar.style == .plain || scalar.style == .any { return nil }
    return scalar.string
  }

  /// Whether the node is a mapping.
  var isMapping: Bool { if case .mapping = node { true } else { false } }
  /// Whether the node is a list.
  var isList: Bool { if case .sequence = node { true } else { false } }
  /// Whether the node is null or empty.
  var isNull: Bool {
    guard case .scalar(let scalar) = node else { return false }
    return scalar.string.isEmpty || (node.null != nil && scalar.style == .plain)
  }
}
