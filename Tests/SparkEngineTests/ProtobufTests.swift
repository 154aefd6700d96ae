import Engines
import Statistics
import Testing

@testable import SparkEngine

struct ProtobufTests {
  @Test func writesTheBytesOfTheDocumentation() {
    // The examples of protobuf.dev/programming-guides/encoding.
    var message = ProtobufWriter()
    message.number(1, 150)
    message.text(2, "testing")
    message.message(3) { $0.number(1, 150) }
    #expect(
      message.bytes == [
        0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x1A, 0x03, 0x08,
        0x96, 0x01,
      ])
  }

  @Test func readsWhatItWrites() throws {
    var message = ProtobufWriter()
    message.number(300, -1)
    message.message(17) { $0.text(1, String(repeating: "ü", count: 200)) }
    var reader = ProtobufReader(message.bytes[...])
    guard let (field, value) = try reader.next(), case .number(let number) = value else {
      Issue.record("no number")
      return
    }
    #expect(field == 300 && number == .max)
    var inner = try #require(try reader.next()?.value.message)
    #expect(try inner.next()?.value.text == String(repeating: "ü", count: 200))
    #expect(try inner.next() == nil)
    #expect(try reader.next() == nil)
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0xFF], [0x12, 0x05, 0x01], [0x0B], [0x09, 1, 2],
      [UInt8](repeating: 0xFF, count: 12),
      [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ] as [[UInt8]])
  func refusesGarbledBytes(_ bytes: [UInt8]) {
    var reader = ProtobufReader(bytes[...])
    #expect(throws: SiblingError.self) { while try reader.next() != nil {} }
  }

  @Test func readsARealAnswer() throws {
    let pieces = [
      Fixtures.executeSchema, Fixtures.executeProgress, Fixtures.executeBatch,
      Fixtures.executeComplete,
    ]
    let responses = try pieces.map { try ExecuteResponse($0) }
    #expect(responses.map(\.isComplete) == [false, false, false, true])
    #expect(Set(responses.compactMap(\.serverSession)).count == 1)
    #expect(responses[2].responseID?.count == 36)
    let batches = try ArrowStream.batches(try #require(responses[2].batch))
    #expect(
      batches == [[.text(["a", "b", nil]), .numbers([2, 1, 1]), .numbers([1.5, 2, 4])]])
  }

  @Test func readsARealSchema() throws {
    let columns = try AnalyzeResponse(Fixtures.analyzeSchema).columns
    #expect(
      columns.map(\.name) == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"])
    #expect(
      columns.map(\.type) == [
        .integer, .integer, .integer, .integer, .number, .number, .number, .text, .text, .boolean,
        .date, .other, .other,
      ])
  }

  @Test func sessionsHaveNamesOfTheirOwn() {
    let names = (0..<100).map { _ in SparkSession.freshID() }
    #expect(Set(names).count == 100)
    let isForm = names.allSatisfy {
      $0.count == 36 && $0.dropFirst(14).first == "4"
        && "89ab".contains($0.dropFirst(19).first ?? "-")
        && $0.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12]
    }
    #expect(isForm)
  }
}
