internal import CReadStat
internal import Glibc
internal import Statistics

/// The cells of a file while it is read: a column of doubles, or of numbers of distinct texts.
///
/// A million rows of twenty columns are twenty million calls, so the cells stand in plain memory and
/// only what is rare, such as a missing value with a reason, takes a longer way.
struct StatisticalCells {
  /// The memory of one variable.
  struct Sink {
    var numbers: UnsafeMutablePointer<Double>?
    var codes: UnsafeMutablePointer<Int32>?
    var texts: Unmanaged<ByteInterner>?
    var hasMissingRanges: Bool
  }

  var sinks: UnsafeMutablePointer<Sink>
  private(set) var sinkCount = 0
  private var sinkCapacity = 64
  private(set) var rows = 0
  private var capacity = 0
  /// The rows for which memory is taken when the first of them comes.
  var expectedRows = 1024
  private var scratch: UnsafeMutablePointer<UInt8>
  private var scratchSize = 4096
  /// Counts of missing values by variable and reason.
  var reasons: [Int: [ValueLabel.Value: Int]] = [:]
  let log: StatisticalLog
  private let bytes: UnsafePointer<ReadStatBytes>
  /// Where the last row ends, for files that are read row by row.
  private(set) var lastRowEnd = 0

  init(_ log: StatisticalLog, bytes: UnsafePointer<ReadStatBytes>) {
    self.log = log
    self.bytes = bytes
    sinks = .allocate(capacity: sinkCapacity)
    scratch = .allocate(capacity: scratchSize)
  }

  /// Gives all memory back.
  mutating func free() {
    for place in 0..<sinkCount {
      sinks[place].numbers?.deallocate()
      sinks[place].codes?.deallocate()
      sinks[place].texts?.release()
    }
    sinks.deallocate()
    scratch.deallocate()
    sinkCount = 0
  }

  /// Makes room for one more variable.
  mutating func add(isText: Bool, hasMissingRanges: Bool) {
    if sinkCount == sinkCapacity {
      let wider = UnsafeMutablePointer<Sink>.allocate(capacity: sinkCapacity * 2)
      wider.moveInitialize(from: sinks, count: sinkCount)
      sinks.deallocate()
      sinks = wider
      sinkCapacity *= 2
    }
    (sinks + sinkCount).initialize(
      to: Sink(
        texts: isText ? Unmanaged.passRetained(ByteInterner()) : nil,
        hasMissingRanges: hasMissingRanges))
    sinkCount += 1
  }

  /// Takes a cell; false when the file is not what it said.
  mutating func take(
    _ row: Int, _ variable: UnsafeMutablePointer<readstat_variable_t>, _ value: readstat_value_t
  ) -> Bool {
    let place = Int(variable.pointee.index)
    guard place >= 0, place < sinkCount, row >= 0, row <= rows else { return false }
    if row == rows {
      if rows == capacity { grow() }
      rows += 1
      lastRowEnd = bytes.pointee.position
    }
    let sink = sinks + place
    if let codes = sink.pointee.codes {
      guard value.type == READSTAT_TYPE_STRING || value.type == READSTAT_TYPE_STRING_REF else {
        return false
      }
      guard let code = text(value, variable, sink, place) else { return false }
      codes[row] = code
      return true
    }
    guard let numbers = sink.pointee.numbers else { return false }
    if value.is_system_missing != 0 || value.is_tagged_missing != 0 {
      numbers[row] = .nan
      if value.is_tagged_missing != 0, value.tag > 0 {
        let letter = Character(UnicodeScalar(UInt8(bitPattern: value.tag)))
        reasons[place, default: [:]][.missing(letter), default: 0] += 1
      }
      return true
    }
    var number: Double
    switch value.type {
    case READSTAT_TYPE_DOUBLE: number = value.v.double_value
    case READSTAT_TYPE_FLOAT: number = Double(value.v.float_value)
    case READSTAT_TYPE_INT8: number = Double(value.v.i8_value)
    case READSTAT_TYPE_INT16: number = Double(value.v.i16_value)
    case READSTAT_TYPE_INT32: number = Double(value.v.i32_value)
    default: return false
    }
    if sink.pointee.hasMissingRanges, readstat_value_is_defined_missing(value, variable) != 0 {
      reasons[place, default: [:]][.number(number), default: 0] += 1
      number = .nan
    }
    numbers[row] = number
    return true
  }

  /// The number of a text among the distinct ones, −1 when it is missing; nil when it is not UTF-8.
  private mutating func text(
    _ value: readstat_value_t, _ variable: UnsafeMutablePointer<readstat_variable_t>,
    _ sink: UnsafeMutablePointer<Sink>, _ place: Int
  ) -> Int32? {
    guard let given = value.v.string_value, let texts = sink.pointee.texts else { return -1 }
    let count = strlen(given)
    guard count > 0 else { return -1 }
    if sink.pointee.hasMissingRanges, readstat_value_is_defined_missing(value, variable) != 0 {
      let bytes = UnsafeRawPointer(given).assumingMemoryBound(to: UInt8.self)
      guard let text = log.checked(UnsafeBufferPointer(start: bytes, count: count)) else {
        return nil
      }
      reasons[place, default: [:]][.text(text), default: 0] += 1
      return -1
    }
    // The interner loads whole words, so that bytes to spare must follow.
    if count + 8 > scratchSize {
      scratch.deallocate()
      scratchSize = (count + 8) * 2
      scratch = .allocate(capacity: scratchSize)
    }
    memcpy(scratch, given, count)
    memset(scratch + count, 0, 8)
    let text = UnsafeBufferPointer(start: UnsafePointer(scratch), count: count)
    return texts._withUnsafeGuaranteedRef { texts in
      let known = texts.count
      let code = texts.code(copying: text)
      // Only a text that is new has to be looked at.
      if Int(code) == known, log.checked(text) == nil { return nil }
      return code
    }
  }

  private mutating func grow() {
    let wanted = capacity == 0 ? max(expectedRows, 16) : capacity * 2
    for place in 0..<sinkCount {
      let sink = sinks + place
      if sink.pointee.texts == nil {
        let wider = UnsafeMutablePointer<Double>.allocate(capacity: wanted)
        wider.initialize(repeating: .nan, count: wanted)
        if let numbers = sink.pointee.numbers {
          wider.update(from: numbers, count: rows)
          numbers.deallocate()
        }
        sink.pointee.numbers = wider
      } else {
        let wider = UnsafeMutablePointer<Int32>.allocate(capacity: wanted)
        wider.initialize(repeating: -1, count: wanted)
        if let codes = sink.pointee.codes {
          wider.update(from: codes, count: rows)
          codes.deallocate()
        }
        sink.pointee.codes = wider
      }
    }
    capacity = wanted
  }

  /// The numbers of a variable; its memory is given back.
  mutating func numbers(_ place: Int) -> [Double] {
    guard let numbers = sinks[place].numbers else { return [] }
    let result = Array(UnsafeBufferPointer(start: numbers, count: rows))
    numbers.deallocate()
    sinks[place].numbers = nil
    return result
  }

  /// The texts of a variable as codes of the distinct ones, and these; the memory is given back.
  mutating func texts(_ place: Int) -> (codes: [Int32], texts: ByteInterner) {
    let texts = sinks[place].texts?.takeUnretainedValue() ?? ByteInterner()
    guard let codes = sinks[place].codes else { return ([], texts) }
    let result = Array(UnsafeBufferPointer(start: codes, count: rows))
    codes.deallocate()
    sinks[place].codes = nil
    return (result, texts)
  }
}

/// What a file says besides its cells.
final class StatisticalLog {
  var variables: [StatisticalVariable] = []
  var labels: [String: [ValueLabel]] = [:]
  /// The rows that the file announces; nil when it does not.
  var announced: Int?
  /// How the file says that text is stored; empty when it does not.
  var encoding = ""
  /// The version of the file's format.
  var version = 0
  /// The variable by which SPSS was told to weight.
  var weight: String?
  /// What the library had to say about a failure.
  var message = ""
  /// Whether a text is not UTF-8, which ends the reading.
  var isNotUTF8 = false
  /// Whether any text has a character beyond ASCII.
  var isBeyondASCII = false

  /// The text of bytes; nil, and remembered, when they are not UTF-8.
  func checked(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    if bytes.contains(where: { $0 >= 0x80 }) { isBeyondASCII = true }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      isNotUTF8 = true
      return nil
    }
    return text
  }
}
