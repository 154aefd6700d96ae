import Engines
import Statistics
import Testing

@testable import SparkEngine

struct ArrowStreamTests {
  /// Numbers with NaN as nil, so that they can be compared.
  private func numbers(_ values: EngineValues) -> [Double?] {
    if case .numbers(let numbers) = values { return numbers.map { $0.isNaN ? nil : $0 } }
    return []
  }

  @Test func readsEveryType() throws {
    let batches = try ArrowStream.batches(Fixtures.arrowTypes)
    #expect(batches.count == 2)
    let first = batches[0]
    #expect(first.count == 12)
    #expect(numbers(first[0]) == [1, -2, nil, 4, 127])
    #expect(numbers(first[1]) == [1, -2, nil, 4, 32_767])
    #expect(numbers(first[2]) == [1, nil, 3, -4, 2_147_483_647])
    #expect(numbers(first[3]) == [nil, 2, 3, -4, 9_007_199_254_740_991])
    #expect(numbers(first[4]) == [0.5, -1.25, nil, nil, 3])
    #expect(numbers(first[5]) == [0.1, nil, 1e300, -0.0, .infinity])
    #expect(numbers(first[6]) == [1, 0, nil, 1, 0])
    #expect(numbers(first[7]) == [0, 18_321, nil, -1, 10_957])
    #expect(numbers(first[8]) == [0.1, -12.34, nil, 99_999_999_999_999_999_999.99, 0])
    #expect(first[9] == .text(["A", "", nil, "Zoë", "北"]))
    #expect(first[10] == .text(["x", nil, "yy", "", "O'Brien"]))
    #expect(first[11] == .text([nil, nil, nil, nil, nil]))
  }

  @Test func readsABatchThatBeginsAmidOthers() throws {
    let second = try ArrowStream.batches(Fixtures.arrowTypes)[1]
    #expect(numbers(second[0]) == [4, 127])
    #expect(numbers(second[3]) == [-4, 9_007_199_254_740_991])
    #expect(numbers(second[6]) == [1, 0])
    #expect(second[9] == .text(["Zoë", "北"]))
    #expect(second[10] == .text(["", "O'Brien"]))
  }

  @Test func aStreamWithoutBatchesIsEmpty() throws {
    #expect(try ArrowStream.batches(Fixtures.arrowEmpty).isEmpty)
  }

  @Test func refusesTypesThatItCannotRead() {
    let error = #expect(throws: SiblingError.self) { try ArrowStream.batches(Fixtures.arrowList) }
    #expect(error?.code == .engineFailed)
  }

  @Test func bytesCutShortAreAnErrorOrFewerBatches() {
    let whole = Fixtures.arrowTypes
    for count in stride(from: 0, to: whole.count, by: 13) {
      let batches = try? ArrowStream.batches(whole.prefix(count))
      #expect((batches?.count ?? 0) <= 2)
    }
  }

  @Test func anyByteMayBeWrongWithoutACrash() throws {
    // Each byte of the head and some of the body in turn: an error or an answer, but never an access outside.
    var bytes = Array(Fixtures.arrowTypes)
    var refused = 0
    for place in bytes.indices {
      let before = bytes[place]
      for value in [place % 2 == 0 ? 0xFF : 0x7F, before ^ 0x80] as [UInt8] {
        bytes[place] = value
        do { _ = try ArrowStream.batches(bytes[...]) } catch { refused += 1 }
      }
      bytes[place] = before
    }
    #expect(refused > 100)
    #expect(try ArrowStream.batches(bytes[...]).count == 2)
  }
}
