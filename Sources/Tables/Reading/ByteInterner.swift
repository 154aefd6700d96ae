internal import Glibc

/// Numbers distinct byte strings in the order of their first appearance.
///
/// Open addressing over hashes of eight bytes at a time; strings are compared as bytes. The strings
/// stay where they are and must be followed by eight readable bytes.
final class ByteInterner {
  /// Behind a pointer, because checked access to a class's properties costs more than the look-up.
  private struct State {
    var entries: [UnsafeBufferPointer<UInt8>] = []
    var hashes: [UInt64] = []
    var slots: UnsafeMutablePointer<Int32>
    var mask: Int
  }

  private let state: UnsafeMutablePointer<State>
  private var arena: [UnsafeMutablePointer<UInt8>] = []
  /// What is left of the last piece of the arena, for small copies.
  private var chunk: UnsafeMutablePointer<UInt8>?
  private var chunkLeft = 0

  init() {
    let slots = UnsafeMutablePointer<Int32>.allocate(capacity: 64)
    slots.update(repeating: -1, count: 64)
    state = .allocate(capacity: 1)
    state.initialize(to: State(slots: slots, mask: 63))
  }

  deinit {
    state.pointee.slots.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
    for memory in arena { memory.deallocate() }
  }

  /// The strings, by number.
  var entries: [UnsafeBufferPointer<UInt8>] { state.pointee.entries }

  /// How many distinct strings there are.
  var count: Int { state.pointee.entries.count }

  /// The number of a string, a new one when it has not been seen.
  func code(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = Self.hash(text)
    let mask = state.pointee.mask
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let code = state.pointee.slots[slot]
      if code < 0 { return insert(text, hash, slot) }
      if state.pointee.hashes[Int(code)] == hash,
        Self.equal(state.pointee.entries[Int(code)], text)
      {
        return code
      }
      slot = (slot + 1) & mask
    }
  }

  /// A copy of bytes that lives as long as the interner.
  func keep(_ bytes: [UInt8]) -> UnsafeBufferPointer<UInt8> {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + 8)
    memory.update(repeating: 0, count: bytes.count + 8)
    for (index, byte) in bytes.enumerated() { memory[index] = byte }
    arena.append(memory)
    return UnsafeBufferPointer(start: memory, count: bytes.count)
  }

  /// The number of a string whose bytes may be gone afterwards; a new one is copied.
  func code(copying text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = Self.hash(text)
    let mask = state.pointee.mask
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let code = state.pointee.slots[slot]
      if code < 0 { return insert(copy(text), hash, slot) }
      if state.pointee.hashes[Int(code)] == hash,
        Self.equal(state.pointee.entries[Int(code)], text)
      {
        return code
      }
      slot = (slot + 1) & mask
    }
  }

  private func copy(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let needed = text.count + 8
    if needed > chunkLeft {
      chunkLeft = max(needed, 1 << 16)
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: chunkLeft)
      memory.update(repeating: 0, count: chunkLeft)
      arena.append(memory)
      chunk = memory
    }
    guard let place = chunk else { return UnsafeBufferPointer(start: nil, count: 0) }
    if let start = text.baseAddress { place.update(from: start, count: text.count) }
    chunk = place + needed
    chunkLeft -= needed
    return UnsafeBufferPointer(start: place, count: text.count)
  }

  private func insert(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ slot: Int) -> Int32 {
    let count = state.pointee.entries.count
    state.pointee.entries.append(text)
    state.pointee.hashes.append(hash)
    state.pointee.slots[slot] = Int32(truncatingIfNeeded: count)
    if (count + 1) * 2 > state.pointee.mask { grow() }
    return Int32(truncatingIfNeeded: count)
  }

  private func grow() {
    let capacity = (state.pointee.mask + 1) * 4
    let slots = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    slots.update(repeating: -1, count: capacity)
    for (code, hash) in state.pointee.hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = Int32(truncatingIfNeeded: code)
    }
    state.pointee.slots.deallocate()
    state.pointee.slots = slots
    state.pointee.mask = capacity - 1
  }

  @inline(__always)
  static func equal(
    _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress else { return true }
    return memcmp(first, second, left.count) == 0
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(text.count) &* 0x9E37_79B9_7F4A_7C15
    guard let start = text.baseAddress else { return hash }
    var remaining = text.count
    var pointer = UnsafeRawPointer(start)
    while remaining > 0 {
      var word = pointer.loadUnaligned(as: UInt64.self).littleEndian
      if remaining < 8 { word &= UInt64.max >> UInt64(64 - 8 * remaining) }
      hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 32
      pointer += 8
      remaining -= 8
    }
    return hash
  }

  /// The codes in the byte order of their strings, which for UTF-8 is code-point order.
  func sortedCodes() -> [Int32] {
    struct Key {
      var prefix: UInt64
      var code: Int32
    }
    let entries = entries
    var keys = entries.enumerated().map { code, text -> Key in
      var prefix: UInt64 = 0
      for position in 0..<8 {
        prefix = prefix << 8 | (position < text.count ? UInt64(text[position]) : 0)
      }
      return Key(prefix: prefix, code: Int32(truncatingIfNeeded: code))
    }
    entries.withUnsafeBufferPointer { entries in
      keys.sort { left, right in
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        let (a, b) = (entries[Int(left.code)], entries[Int(right.code)])
        guard let first = a.baseAddress, let second = b.baseAddress else {
          return a.count < b.count
        }
        let order = memcmp(first, second, min(a.count, b.count))
        return order == 0 ? a.count < b.count : order < 0
      }
    }
    return keys.map(\.code)
  }
}
