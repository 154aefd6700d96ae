// Trees to Swift values.

extension Tree {
  /// The value that a tree was made of.
  ///
  /// - Throws: `DecodingError` when it was made of another type.
  func value<Value: Decodable>(of type: Value.Type) throws -> Value {
    try TreeDecoder(tree: self).take(type)
  }
}

private struct TreeDecoder: Decoder {
  let tree: Tree
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: [], debugDescription: "the cache holds another type"))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object = tree.content else { throw Self.mismatch(type) }
    return KeyedDecodingContainer(Keyed<Key>(tree: tree))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .list = tree.content else { throw Self.mismatch([Any].self) }
    return Unkeyed(tree: tree)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(tree: tree) }

  /// The value at this place.
  func take<Value: Decodable>(_ type: Value.Type) throws -> Value {
    var found: Any?
    switch tree.content {
    case .flag(let value) where type == Bool.self: found = value
    case .number(let value) where type == Double.self: found = value
    case .text(let value) where type == String.self: found = value
    case .integer(let value):
      if type == Int.self { found = Int(exactly: value) }
      if type == Int64.self { found = value }
      if type == UInt64.self { found = UInt64(exactly: value) }
    default: break
    }
    if let found = found as? Value { return found }
    let isScalar =
      type == Bool.self || type == Double.self || type == String.self || type == Int.self
    guard !isScalar else { throw Self.mismatch(type) }
    return try Value(from: self)
  }

  private struct Single: SingleValueDecodingContainer {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }
    func decodeNil() -> Bool { if case .nothing = tree.content { true } else { false } }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try TreeDecoder(tree: tree).take(type)
    }
  }

  private struct Unkeyed: UnkeyedDecodingContainer {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }
    var currentIndex = 0
    var count: Int? { tree.children.count }
    var isAtEnd: Bool { currentIndex >= tree.children.count }

    private mutating func next() throws -> TreeDecoder {
      guard !isAtEnd else { throw TreeDecoder.mismatch([Any].self) }
      currentIndex += 1
      return TreeDecoder(tree: tree.children[currentIndex - 1])
    }
    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, case .nothing = tree.children[currentIndex].content else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try next().take(type)
    }
    mutating func nestedContainer<Key: CodingKey>(
      keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> { try next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      try next().unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { try next() }
  }

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tree: Tree
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { tree.keys.compactMap { Key(stringValue: $0) } }

    private func child(_ key: Key) throws -> TreeDecoder {
      guard let child = tree[key.stringValue] else {
        throw DecodingError.keyNotFound(
          key, .init(codingPath: [], debugDescription: "the cache lacks a key"))
      }
      return TreeDecoder(tree: child)
    }
    func contains(_ key: Key) -> Bool { tree.keys.contains(key.stringValue) }
    func decodeNil(forKey key: Key) throws -> Bool {
      if case .nothing = try child(key).tree.content { true } else { false }
    }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try child(key).take(type)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try child(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try child(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { TreeDecoder(tree: tree["super"] ?? Tree(.nothing)) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
  }
}
