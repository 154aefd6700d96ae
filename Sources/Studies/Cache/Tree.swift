/// A value of plain types as a tree, between Swift values and the bytes of a cache file.
///
/// Doubles keep every bit, which no text would promise.
final class Tree {
  /// What a node holds.
  enum Content {
    case nothing
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list
    case object
  }

  var content: Content
  /// The keys of an object's children, in order.
  var keys: [String] = []
  /// The elements of a list or the values of an object.
  var children: [Tree] = []

  init(_ content: Content) { self.content = content }

  /// The child under a key.
  subscript(key: String) -> Tree? {
    keys.firstIndex(of: key).map { children[$0] }
  }

  /// Adds a child under a key.
  func add(_ child: Tree, _ key: String) {
    keys.append(key)
    children.append(child)
  }

  /// The bytes of the tree: a letter for the kind, then little-endian numbers, lengths and texts.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    func word(_ value: UInt64) {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    func text(_ value: String) {
      word(UInt64(value.utf8.count))
      bytes += value.utf8
    }
    switch content {
    case .nothing: bytes.append(UInt8(ascii: "n"))
    case .flag(let value): bytes.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    case .integer(let value):
      bytes.append(UInt8(ascii: "i"))
      word(UInt64(bitPattern: value))
    case .number(let value):
      bytes.append(UInt8(ascii: "d"))
      word(value.bitPattern)
    case .text(let value):
      bytes.append(UInt8(ascii: "s"))
      text(value)
    case .list:
      bytes.append(UInt8(ascii: "l"))
      word(UInt64(children.count))
      for child in children { child.write(to: &bytes) }
    case .object:
      bytes.append(UInt8(ascii: "o"))
      word(UInt64(children.count))
      // The order of a dictionary is another in each process, and hashes are made of the bytes.
      for (key, child) in zip(keys, children).sorted(by: { $0.0 < $1.0 }) {
        text(key)
        child.write(to: &bytes)
      }
    }
  }

  /// Reads a tree; nil when the bytes are not one tree and nothing else.
  convenience init?(bytes: ArraySlice<UInt8>) {
    var reader = Reader(rest: bytes)
    guard let tree = reader.tree(depth: 0), reader.rest.isEmpty else { return nil }
    self.init(tree.content)
    keys = tree.keys
    children = tree.children
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func word() -> UInt64? {
      guard rest.count >= 8 else { return nil }
      var value: UInt64 = 0
      for (place, byte) in rest.prefix(8).enumerated() { value |= UInt64(byte) << (8 * place) }
      rest = rest.dropFirst(8)
      return value
    }

    mutating func text() -> String? {
      guard let count = word(), count <= UInt64(rest.count) else { return nil }
      let text = String(validating: rest.prefix(Int(count)), as: UTF8.self)
      rest = rest.dropFirst(Int(count))
      return text
    }

    mutating func tree(depth: Int) -> Tree? {
      guard depth < 64, let kind = rest.popFirst() else { return nil }
      switch kind {
      case UInt8(ascii: "n"): return Tree(.nothing)
      case UInt8(ascii: "t"): return Tree(.flag(true))
      case UInt8(ascii: "f"): return Tree(.flag(false))
      case UInt8(ascii: "i"): return word().map { Tree(.integer(Int64(bitPattern: $0))) }
      case UInt8(ascii: "d"): return word().map { Tree(.number(Double(bitPattern: $0))) }
      case UInt8(ascii: "s"): return text().map { Tree(.text($0)) }
      case UInt8(ascii: "l"), UInt8(ascii: "o"):
        guard let count = word(), count <= UInt64(rest.count) else { return nil }
        let isObject = kind == UInt8(ascii: "o")
        let result = Tree(isObject ? .object : .list)
        for _ in 0..<count {
          if isObject {
            guard let key = text() else { return nil }
            result.keys.append(key)
          }
          guard let child = tree(depth: depth + 1) else { return nil }
          result.children.append(child)
        }
        return result
      default: return nil
      }
    }
  }
}
