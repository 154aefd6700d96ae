// Swift values to trees.

extension Tree {
  /// The tree of a value.
  ///
  /// - Throws: `EncodingError`, for a number that no 64-bit integer holds.
  static func of(_ value: some Encodable) throws -> Tree {
    let tree = Tree(.nothing)
    try value.encode(to: TreeEncoder(tree: tree))
    return tree
  }
}

private struct TreeEncoder: Encoder {
  let tree: Tree
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    tree.content = .object
    return KeyedEncodingContainer(Keyed<Key>(tree: tree))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    tree.content = .list
    return Unkeyed(tree: tree)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(tree: tree) }

  /// What is written at one place, of whatever type.
  static func put(_ value: some Encodable, into tree: Tree) throws {
    switch value {
    case let value as Bool: tree.content = .flag(value)
    case let value as Double: tree.content = .number(value)
    case let value as String: tree.content = .text(value)
    case let value as any BinaryInteger:
      guard let integer = Int64(exactly: value) else {
        throw EncodingError.invalidValue(
          value, .init(codingPath: [], debugDescription: "more than 64 bits"))
      }
      tree.content = .integer(integer)
    default: try value.encode(to: TreeEncoder(tree: tree))
    }
  }

  private struct Single: SingleValueEncodingContainer {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }
    mutating func encodeNil() throws { tree.content = .nothing }
    mutating func encode(_ value: some Encodable) throws { try TreeEncoder.put(value, into: tree) }
  }

  private struct Unkeyed: UnkeyedEncodingContainer {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }
    var count: Int { tree.children.count }

    private func next() -> Tree {
      let child = Tree(.nothing)
      tree.children.append(child)
      return child
    }
    mutating func encodeNil() throws { _ = next() }
    mutating func encode(_ value: some Encodable) throws {
      try TreeEncoder.put(value, into: next())
    }
    mutating func nestedContainer<Key: CodingKey>(
      keyedBy type: Key.Type
    ) -> KeyedEncodingContainer<Key> { TreeEncoder(tree: next()).container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      TreeEncoder(tree: next()).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { TreeEncoder(tree: next()) }
  }

  private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }

    private func child(_ key: String) -> Tree {
      let child = Tree(.nothing)
      tree.add(child, key)
      return child
    }
    mutating func encodeNil(forKey key: Key) throws { _ = child(key.stringValue) }
    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
      try TreeEncoder.put(value, into: child(key.stringValue))
    }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      TreeEncoder(tree: child(key.stringValue)).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      TreeEncoder(tree: child(key.stringValue)).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { TreeEncoder(tree: child("super")) }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
      TreeEncoder(tree: child(key.stringValue))
    }
  }
}
