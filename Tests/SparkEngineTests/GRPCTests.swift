import Statistics
import Testing

@testable import SparkEngine

struct GRPCTests {
  private func fed(_ frames: inout GRPCFrames, _ bytes: [UInt8]) throws -> [[UInt8]] {
    bytes.withUnsafeBufferPointer { frames.append($0) }
    return try frames.messages().map(Array.init)
  }

  @Test func framesAMessage() {
    #expect(GRPCFrames.frame([7, 8]) == [0, 0, 0, 0, 2, 7, 8])
    #expect(
      GRPCFrames.frame([UInt8](repeating: 1, count: 66_051)).prefix(5) == [0, 0, 1, 2, 3])
  }

  @Test func findsMessagesWhereverTheStreamIsCut() throws {
    let messages: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 300)]
    let stream = messages.flatMap(GRPCFrames.frame)
    for size in [1, 2, 5, 7, 100, stream.count] {
      var frames = GRPCFrames()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: stream.count, by: size) {
        found += try fed(&frames, Array(stream[start..<min(start + size, stream.count)]))
      }
      #expect(found == messages)
    }
  }

  @Test func refusesACompressedFrame() {
    var frames = GRPCFrames()
    #expect(throws: SiblingError.self) { try fed(&frames, [1, 0, 0, 0, 1, 0]) }
  }

  @Test func readsTheStatusFromTrailers() {
    let status = GRPCStatus(headers: [
      "HTTP/2 200", "content-type: application/grpc", "", "grpc-status: 13",
      "Grpc-Message: [A_CLASS] Zo%C3%AB 100%25 %zz", "",
    ])
    #expect(status == GRPCStatus(code: 13, message: "[A_CLASS] Zoë 100% %zz"))
    #expect(GRPCStatus(headers: ["HTTP/2 502"]) == nil)
  }
}

struct SparkFailureTests {
  private func code(_ status: Int, _ message: String) -> SiblingError.Code {
    SparkFailure.error(GRPCStatus(code: status, message: message)).code
  }

  @Test func tellsKindsOfFailureApart() {
    #expect(code(13, "[DIVIDE_BY_ZERO] Division by zero.") == .engineFailed)
    #expect(code(14, "going away") == .engineLost)
    #expect(code(16, "no") == .engineRefused)
    #expect(code(7, "no") == .engineRefused)
    #expect(code(13, "[INVALID_HANDLE.SESSION_CHANGED] The handle …") == .engineLost)
    #expect(code(12, "Method not found") == .engineFailed)
    #expect(SparkFailure.http(403).code == .engineRefused)
    #expect(SparkFailure.http(503).code == .engineLost)
    #expect(SparkFailure.http(404).code == .engineFailed)
  }

  @Test func leavesOutPlansAndStacks() {
    let message =
      "[A.B_1] No column\n  `x`. SQLSTATE: 42703; line 1 pos 7;\n'Project ['x]\n+- secret\n"
    #expect(
      SparkFailure.sentence(message) == "[A.B_1] No column `x`. SQLSTATE: 42703; line 1 pos 7;")
    #expect(SparkFailure.errorClass(message) == "A.B_1")
    #expect(SparkFailure.errorClass("array[1] out") == "1")
    #expect(SparkFailure.errorClass("none [here") == nil)
  }
}
