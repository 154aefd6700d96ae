/// Numbers for names, in the order in which they first occur.
///
/// An open-addressing table of a fixed size: for millions of names a third of the time of a growing
/// dictionary.
struct NameTable {
  private(set) var names: [String] = []
  /// A name's number plus one; zero where there is none.
  private var slots: [Int32]
  private let mask: Int

  /// A table for at most so many names.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = Array(repeating: 0, count: size)
    mask = size - 1
  }

  /// The name's number; a new one when it has not occurred before.
  mutating func number(of name: String) -> (number: Int32, isNew: Bool) {
    var slot = name.hashValue & mask
    while slots[slot] != 0 {
      let number = slots[slot] - 1
      if names[Int(number)] == name { return (number, false) }
      slot = (slot + 1) & mask
    }
    names.append(name)
    slots[slot] = Int32(names.count)
    return (Int32(names.count - 1), true)
  }
}
